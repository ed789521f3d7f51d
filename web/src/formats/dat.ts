import { InspectError } from "../base/inspect-error.js";
import type { ReadLimits } from "../base/limits.js";
import { halfToNumber } from "./half.js";

/** NNEF 1.0, section 5.2 "Tensor file format": 128 bytes, little endian, then the items. */
export const HEADER_BYTES = 128;
/** "TR": the vendor of tract's own item types. */
const TRACT = 0x5452;
const MAX_RANK = 8;

export type ItemType =
  | "f16"
  | "f32"
  | "f64"
  | "i8"
  | "i16"
  | "i32"
  | "i64"
  | "u8"
  | "u16"
  | "u32"
  | "u64"
  | "bool"
  | "string"
  | "q4_0"
  | "q8_1"
  | "complex";

export interface TensorHeader {
  readonly dtype: ItemType;
  readonly shape: readonly number[];
  /** Bits per item; 1 for packed booleans, 0 if items have no fixed size. */
  readonly bits: number;
  /** Bytes of all items, according to the header. */
  readonly bytes: number;
}

/** Items of a tensor, row-major. f16 is converted to f32; booleans are 0 and 1. */
export type Values =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | string[];

export const volumeOf = (shape: readonly number[]): number =>
  shape.reduce((product, dim) => product * dim, 1);

function itemType(vendor: number, type: number, bits: number): ItemType | undefined {
  if (vendor === TRACT) {
    if (type === 0x1000) return "string";
    if (type === 0x2040 || type === 0x3040) return "q4_0";
    if (type === 0x3080 || type === 0x3081) return "q8_1";
    return type === 0 || type === 4 ? "complex" : undefined;
  }
  if (vendor !== 0) return undefined;
  const whole = bits === 8 || bits === 16 || bits === 32 || bits === 64;
  if (type === 0 && whole && bits > 8) return `f${bits as 16 | 32 | 64}`;
  // Quantised items (2, 3) are stored as integers.
  if ((type === 1 || type === 2) && whole) return `u${bits}`;
  if ((type === 3 || type === 4) && whole) return `i${bits}`;
  if (type === 5 && (bits === 1 || bits === 8)) return "bool";
  return undefined;
}

/**
 * Reads a tensor's header and checks it against the file size; does not read items.
 *
 * @param file its name, for errors
 * @throws InspectError `tensor-damaged`, `tensor-unsupported`
 */
export function readHeader(bytes: Uint8Array, file: string): TensorHeader {
  const damaged = (what: string) =>
    new InspectError(`${file} is not a valid tensor file: ${what}`, "tensor-damaged", { file });
  if (bytes.length < HEADER_BYTES)
    throw damaged(`it has ${bytes.length} bytes, but the header needs 128`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== 0x4eef) throw damaged("it does not start with the bytes 4E EF");
  const rank = view.getUint32(8, true);
  if (rank > MAX_RANK) throw damaged(`its rank is ${rank}, but at most 8 is possible`);
  const size = view.getUint32(4, true);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(12 + 4 * axis, true));
  const stored = view.getUint32(44, true);
  const [type, vendor] = [view.getUint16(48, true), view.getUint16(50, true)];
  const dtype = itemType(vendor, type, stored);
  if (!dtype) {
    throw new InspectError(
      `${file} holds items of type ${type} with ${stored} bits, which the inspector cannot read`,
      "tensor-unsupported",
      { file },
    );
  }
  const bits = stored === 0xffffffff ? 0 : stored;
  const expected = bits ? Math.ceil((volumeOf(shape) * bits) / 8) : size;
  if (expected !== size) {
    throw damaged(
      `a shape of ${shape.join(",")} needs ${expected} bytes, but the header says ${size}`,
    );
  }
  if (HEADER_BYTES + size > bytes.length) {
    throw damaged(`it is truncated after ${bytes.length - HEADER_BYTES} of ${size} bytes`);
  }
  return { dtype, shape, bits, bytes: size };
}

function unpackBits(bytes: Uint8Array, count: number): Uint8Array {
  return Uint8Array.from(
    { length: count },
    (_, at) => ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1,
  );
}

function strings(bytes: Uint8Array, count: number, file: string): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const found: string[] = [];
  for (let at = 0; found.length < count; ) {
    const length = at + 4 <= bytes.length ? view.getUint32(at, true) : Number.POSITIVE_INFINITY;
    if (at + 4 + length > bytes.length) {
      throw new InspectError(
        `${file} is truncated inside string ${found.length}`,
        "tensor-damaged",
        {
          file,
        },
      );
    }
    found.push(decoder.decode(bytes.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return found;
}

/** ggml's Q4_0: blocks of 32 items along the last axis: an f16 scale, then 16 bytes with two 4-bit values, offset by 8. */
function dequantised4(bytes: Uint8Array, count: number): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(count);
  for (let block = 0; block * 32 < count && block * 18 + 18 <= bytes.length; block++) {
    const scale = halfToNumber(view.getUint16(block * 18, true));
    for (let at = 0; at < 16; at++) {
      const byte = bytes[block * 18 + 2 + at] ?? 0;
      values[block * 32 + at] = scale * ((byte & 15) - 8);
      values[block * 32 + 16 + at] = scale * ((byte >> 4) - 8);
    }
  }
  return values;
}

/**
 * Copies the items of a tensor from its file.
 *
 * @param file its name, for errors
 * @throws InspectError `tensor-damaged`, `tensor-unsupported`, `limit`
 */
export function readValues(
  bytes: Uint8Array,
  header: TensorHeader,
  file: string,
  limits: ReadLimits,
): Values {
  const count = volumeOf(header.shape);
  if (header.bytes > limits.tensorBytes || count > limits.tensorBytes) {
    throw new InspectError(`${file} is larger than the inspector's limit for decoding`, "limit", {
      file,
    });
  }
  const items = bytes.slice(HEADER_BYTES, HEADER_BYTES + header.bytes);
  const { buffer } = items;
  switch (header.dtype) {
    case "f16":
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case "f32":
      return new Float32Array(buffer);
    case "f64":
      return new Float64Array(buffer);
    case "i8":
      return new Int8Array(buffer);
    case "i16":
      return new Int16Array(buffer);
    case "i32":
      return new Int32Array(buffer);
    case "i64":
      return new BigInt64Array(buffer);
    case "u8":
      return items;
    case "u16":
      return new Uint16Array(buffer);
    case "u32":
      return new Uint32Array(buffer);
    case "u64":
      return new BigUint64Array(buffer);
    case "bool":
      return header.bits === 1 ? unpackBits(items, count) : items.map((byte) => (byte ? 1 : 0));
    case "string":
      return strings(items, count, file);
    case "q4_0":
      if ((count / 32) * 18 === header.bytes) return dequantised4(items, count);
  }
  throw new InspectError(
    `${file} holds ${header.dtype} items, which the inspector cannot decode`,
    "tensor-unsupported",
    { file },
  );
}
