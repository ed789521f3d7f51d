// Runs every case in whatever loaded the engine: Node, or a page. Plain JavaScript, so that a
// browser takes it as it is.

/**
 * @typedef {{ symbol: string, pulse: number, run: number, tail: number }} Stream
 * @typedef {{ name: string, tolerance: number, runs: number, streams: Stream[] }} Case
 * @typedef {{ what: string, error: number, compared: number, tolerance: number }} Row
 * @typedef {import("tract-wasm").Tensor} Tensor
 * @typedef {{ get(path: string): Promise<Uint8Array>, tract: import("tract-wasm").Tract }} Host
 */

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
    tensors.set(name, { data: new array(bytes.slice(from, to).buffer), shape, dtype: ours });
  }
  return tensors;
}

/** @param {ArrayLike<number | bigint>} a @param {ArrayLike<number | bigint>} b */
function largestError(a, b) {
  let largest = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let ix = 0; ix < a.length; ix++) {
    const error = Math.abs(Number(a[ix]) - Number(b[ix]));
    // A NaN is the largest error there is.
    if (!(error <= largest)) largest = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  }
  return largest;
}

/** Frames `from` to `to` of a tensor along `axis`. @param {Tensor} tensor @param {number} axis */
function slice({ data, shape, dtype }, axis, from, to) {
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
function concat(tensors, axis) {
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

/**
 * The stream's output after the delay, with NaN for all input past the end.
 *
 * @param {import("tract-wasm").Model} pulsed
 * @param {Tensor} input
 * @param {number} frames output frames wanted
 */
export function streamed(pulsed, input, frames) {
  const [inputAxis] = /** @type {number[]} */ (pulsed.properties["pulse.input_axes"]);
  const [outputAxis] = /** @type {number[]} */ (pulsed.properties["pulse.output_axes"]);
  const [delay] = /** @type {number[]} */ (pulsed.properties["pulse.delay"]);
  if (inputAxis === undefined || outputAxis === undefined || delay === undefined) {
    throw new Error("the model is not pulsed");
  }
  const [into, from] = [pulsed.inputs[0], pulsed.outputs[0]];
  const pulse = /** @type {number} */ (into?.shape[inputAxis]);
  const symbols = Object.fromEntries(pulsed.symbols.map((symbol) => [symbol, 1]));
  const state = pulsed.setSymbols(symbols).prepare().spawnState();
  const outputs = [];
  let got = 0;
  for (let at = 0; got < delay + frames; at += pulse) {
    const chunk = slice(input, inputAxis, at, at + pulse);
    const output = state.run({ [String(into?.name)]: chunk })[String(from?.name)];
    if (output === undefined) throw new Error("no output");
    outputs.push(output);
    got += /** @type {number} */ (output.shape[outputAxis]);
  }
  state.dispose();
  return slice(concat(outputs, outputAxis), outputAxis, delay, delay + frames);
}

/**
 * @param {Case} it
 * @param {Host} host
 * @returns {Promise<Row[]>}
 */
export async function runCase({ name, tolerance, runs, streams }, { get, tract }) {
  const archive = await get(`${name}/model.nnef.tgz`);
  const tensors = readSafetensors(await get(`${name}/runs.safetensors`));
  const model = await tract.load(archive);
  const runnable = model.prepare();
  /** @param {number} run @param {"in" | "out"} side */
  const side = (run, side) => {
    const prefix = `${run}.${side}.`;
    const own = [...tensors].filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(own.map(([key, tensor]) => [key.slice(prefix.length), tensor]));
  };
  const rows = [];
  for (let run = 0; run < runs; run++) {
    const outputs = runnable.run(side(run, "in"));
    for (const [output, expected] of Object.entries(side(run, "out"))) {
      const found = outputs[output];
      if (String(found?.shape) !== String(expected.shape)) {
        throw new Error(`${name} ${output}: [${found?.shape}] instead of [${expected.shape}]`);
      }
      const error = largestError(found?.data ?? [], expected.data);
      const compared = expected.data.length;
      rows.push({ what: `${name} ${output} [${expected.shape}]`, error, compared, tolerance });
    }
  }
  for (const { symbol, pulse, run, tail } of streams) {
    const pulsed = model.pulse(symbol, pulse);
    const [input] = Object.values(side(run, "in"));
    const [expected] = Object.values(side(run, "out"));
    const [axis] = /** @type {number[]} */ (pulsed.properties["pulse.output_axes"]);
    if (input === undefined || expected === undefined || axis === undefined) throw new Error(name);
    const frames = /** @type {number} */ (expected.shape[axis]) - tail;
    const found = streamed(pulsed, input, frames);
    const error = largestError(found.data, slice(expected, axis, 0, frames).data);
    const compared = found.data.length;
    rows.push({ what: `${name} streamed, ${symbol}=${pulse}`, error, compared, tolerance });
    pulsed.dispose();
  }
  runnable.dispose();
  model.dispose();
  return rows;
}
