import { className } from "./checks/realms.js";
import { InputError } from "./errors.js";

/** The typed array of each dtype. f16 is stored as its bits, bool as 0 and 1. */
export interface DtypeArrays {
  f32: Float32Array;
  f16: Uint16Array;
  f64: Float64Array;
  i8: Int8Array;
  i16: Int16Array;
  i32: Int32Array;
  i64: BigInt64Array;
  u8: Uint8Array;
  u16: Uint16Array;
  u32: Uint32Array;
  u64: BigUint64Array;
  bool: Uint8Array;
}

/** Element types of tensors, as in NNEF facts. */
export type Dtype = keyof DtypeArrays;

export type TensorData = DtypeArrays[Dtype];

/**
 * A dense, row-major tensor as plain data.
 * `data.length` is the product of `shape`; a scalar has the shape `[]`.
 */
export interface Tensor<D extends Dtype = Dtype> {
  readonly data: DtypeArrays[D];
  readonly shape: readonly number[];
  readonly dtype: D;
}

type ArrayConstructor = {
  new (length: number): TensorData;
  new (buffer: ArrayBuffer): TensorData;
  readonly BYTES_PER_ELEMENT: number;
};

interface DtypeInfo {
  readonly code: number;
  readonly array: ArrayConstructor;
}

/** `code` is the dtype's number in the wasm module (`tensors.rs`). */
export const DTYPES: { readonly [D in Dtype]: DtypeInfo } = {
  bool: { code: 0, array: Uint8Array },
  u8: { code: 1, array: Uint8Array },
  u16: { code: 2, array: Uint16Array },
  u32: { code: 3, array: Uint32Array },
  u64: { code: 4, array: BigUint64Array },
  i8: { code: 5, array: Int8Array },
  i16: { code: 6, array: Int16Array },
  i32: { code: 7, array: Int32Array },
  i64: { code: 8, array: BigInt64Array },
  f16: { code: 9, array: Uint16Array },
  f32: { code: 10, array: Float32Array },
  f64: { code: 11, array: Float64Array },
};

export const DTYPE_BY_CODE: readonly Dtype[] = Object.entries(DTYPES)
  .sort(([, a], [, b]) => a.code - b.code)
  .map(([name]) => name as Dtype);

/** Default dtype of each array type; f16 and bool share theirs with another dtype and must be named. */
const NATURAL_DTYPE = new Map<string, Dtype>([
  ["Float32Array", "f32"],
  ["Float64Array", "f64"],
  ["Int8Array", "i8"],
  ["Int16Array", "i16"],
  ["Int32Array", "i32"],
  ["BigInt64Array", "i64"],
  ["Uint8Array", "u8"],
  ["Uint16Array", "u16"],
  ["Uint32Array", "u32"],
  ["BigUint64Array", "u64"],
]);

export function volume(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/**
 * Creates a tensor from `data`, which is not copied.
 *
 * @param shape dimensions with the product `data.length`; default `[data.length]`
 * @param dtype needed for f16 (bits in a Uint16Array) and bool (0 or 1 in a Uint8Array), else
 *   read from the array's type
 * @throws InputError when array, shape and dtype do not match
 */
export function tensor<A extends TensorData>(
  data: A,
  shape?: readonly number[],
): Tensor<NaturalDtype<A>>;
export function tensor<D extends Dtype>(
  data: DtypeArrays[D],
  shape: readonly number[],
  dtype: D,
): Tensor<D>;
export function tensor(
  data: TensorData,
  shape: readonly number[] = [data.length],
  dtype: Dtype | undefined = NATURAL_DTYPE.get(className(data)),
): Tensor {
  const made = { data, shape: [...shape], dtype } as Tensor;
  checkTensor(made, "tensor");
  return made;
}

export type NaturalDtype<A> = A extends Float32Array
  ? "f32"
  : A extends Float64Array
    ? "f64"
    : A extends Int8Array
      ? "i8"
      : A extends Int16Array
        ? "i16"
        : A extends Int32Array
          ? "i32"
          : A extends BigInt64Array
            ? "i64"
            : A extends BigUint64Array
              ? "u64"
              : A extends Uint8Array
                ? "u8"
                : A extends Uint16Array
                  ? "u16"
                  : A extends Uint32Array
                    ? "u32"
                    : never;

/** Throws InputError unless `value` is a tensor whose array, shape and dtype match. */
export function checkTensor(value: Tensor, name: string): void {
  const info = DTYPES[value?.dtype];
  if (info === undefined) {
    throw new InputError(
      `${name}: dtype ${JSON.stringify(value?.dtype)} is not one of ${Object.keys(DTYPES).join(" ")}`,
    );
  }
  if (!(value.data instanceof info.array)) {
    const needed = (info.array as unknown as { name: string }).name;
    const given = className(value.data);
    if (given !== needed) {
      throw new InputError(`${name}: dtype ${value.dtype} needs a ${needed}, not a ${given}`);
    }
  }
  if (!value.shape.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) {
    throw new InputError(
      `${name}: [${value.shape}] is not a shape: its dimensions must be integers of at least 0`,
    );
  }
  if (volume(value.shape) !== value.data.length) {
    throw new InputError(
      `${name}: shape [${value.shape}] needs ${volume(value.shape)} values, but the array has ${value.data.length}`,
    );
  }
}
