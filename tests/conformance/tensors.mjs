// Tensors of the cases: read, cut along an axis, put together, compared.

/** @typedef {import("tract-wasm").Tensor} Tensor */

/** @type {Record<string, [import("tract-wasm").Dtype, any]>} */
const DTYPES = {
  F32: ["f32", Float32Array],
  I64: ["i64", BigInt64Array],
};

/**
 * @param {Uint8Array} bytes
 * @returns {Map<string, Tensor>}
 */
export function readSafetensors(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const headerSize = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerSize)));
  const tensors = new Map();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [ours, array] = /** @type {any} */ (DTYPES[dtype]);
    const [from, to] = data_offsets.map((/** @type {number} */ at) => 8 + headerSize + at);
    // A copy, which begins where an array of wider elements may; `slice` of Node's own buffers makes none.
    const { buffer } = Uint8Array.from(bytes.subarray(from, to));
    tensors.set(name, { data: new array(buffer), shape, dtype: ours });
  }
  return tensors;
}

/** @param {ArrayLike<number | bigint>} a @param {ArrayLike<number | bigint>} b */
export function largestError(a, b) {
  let largest = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let ix = 0; ix < a.length; ix++) {
    const error = Math.abs(Number(a[ix]) - Number(b[ix]));
    // A NaN is the largest error there is.
    if (!(error <= largest)) largest = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  }
  return largest;
}

/**
 * Frames `from` to `to` of a tensor along `axis`.
 *
 * @param {Tensor} tensor @param {number} axis @param {number} from @param {number} to
 */
export function slice({ data, shape, dtype }, axis, from, to) {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const length = /** @type {number} */ (shape[axis]);
  const taken = shape.with(axis, to - from);
  const array = /** @type {any} */ (data.constructor);
  const out = new array(outer * (to - from) * inner).fill(dtype === "f32" ? Number.NaN : 0n);
  for (let row = 0; row < outer; row++) {
    const start = (row * length + from) * inner;
    const end = (row * length + Math.min(to, length)) * inner;
    if (end > start) out.set(data.subarray(start, end), row * (to - from) * inner);
  }
  return { data: out, shape: taken, dtype };
}

/** Tensors one after the other along `axis`. @param {Tensor[]} tensors @param {number} axis */
export function concat(tensors, axis) {
  const [first] = tensors;
  if (first === undefined) throw new Error("nothing to put together");
  const length = tensors.reduce((sum, { shape }) => sum + /** @type {number} */ (shape[axis]), 0);
  const shape = first.shape.with(axis, length);
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const data = new Float32Array(outer * length * inner);
  let done = 0;
  for (const tensor of tensors) {
    const frames = /** @type {number} */ (tensor.shape[axis]);
    for (let row = 0; row < outer; row++) {
      const from = row * frames * inner;
      const values = /** @type {Float32Array} */ (tensor.data).subarray(
        from,
        from + frames * inner,
      );
      data.set(values, (row * length + done) * inner);
    }
    done += frames;
  }
  return { data, shape, dtype: /** @type {const} */ ("f32") };
}
