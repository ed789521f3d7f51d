import type { Dtype, Tensor } from "tract-wasm";
import { InspectError } from "../base/inspect-error.js";
import { ITEM_ARRAYS } from "./item-arrays.js";

const NAMES: Readonly<Record<string, Dtype>> = {
  F16: "f16",
  F32: "f32",
  F64: "f64",
  I8: "i8",
  I16: "i16",
  I32: "i32",
  I64: "i64",
  U8: "u8",
  U16: "u16",
  U32: "u32",
  U64: "u64",
  BOOL: "bool",
};
/** The limit of the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/**
 * Reads a safetensors file: eight bytes of length, a JSON header, the items
 * (github.com/huggingface/safetensors, "Format").
 *
 * @throws InspectError `tensor-damaged`, `tensor-unsupported`
 */
export function readSafetensors(bytes: Uint8Array, file: string): Map<string, Tensor> {
  const damaged = (what: string) =>
    new InspectError(`${file} is damaged: ${what}`, "tensor-damaged", { file });
  if (bytes.length < 8) throw damaged("it is shorter than its length field");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || 8 + length > bytes.length)
    throw damaged("its header is truncated");
  const items = bytes.subarray(8 + length);
  let header: Record<string, Entry>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  } catch (error) {
    throw new InspectError(`${file} is damaged: its header is not JSON`, "tensor-damaged", {
      file,
      cause: error,
    });
  }
  const found = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const dtype = NAMES[entry?.dtype];
    const [from, to] = entry?.data_offsets ?? [];
    if (!dtype) throw damaged(`${name} has an unknown item type`);
    const count = (entry.shape ?? []).reduce((product, dim) => product * dim, 1);
    const array = ITEM_ARRAYS[dtype];
    if (
      from === undefined ||
      to === undefined ||
      to > items.length ||
      to - from !== count * array.BYTES_PER_ELEMENT
    ) {
      throw damaged(`${name} is not at the offsets in the header`);
    }
    const data = new array(items.slice(from, to).buffer);
    found.set(name, { data, shape: entry.shape, dtype } as Tensor);
  }
  return found;
}
