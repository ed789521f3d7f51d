import type { Dtype, DtypeArrays } from "tract-wasm";

interface ItemArray {
  new (buffer: ArrayBuffer): DtypeArrays[Dtype];
  new (length: number): DtypeArrays[Dtype];
  readonly BYTES_PER_ELEMENT: number;
}

/** The array type of each of the engine's dtypes; f16 as its bits, bool as 0 and 1. */
export const ITEM_ARRAYS: Readonly<Record<Dtype, ItemArray>> = {
  f16: Uint16Array,
  f32: Float32Array,
  f64: Float64Array,
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  u64: BigUint64Array,
  bool: Uint8Array,
};
