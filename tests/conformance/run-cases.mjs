// Runs every case in whatever loaded the engine: Node, or a page. Plain JavaScript, so that a
// browser takes it as it is.

import { concat, largestError, readSafetensors, slice } from "./tensors.mjs";

/**
 * @typedef {{ symbol: string, pulse: number, run: number, tail: number }} Stream
 * @typedef {{ name: string, tolerance: number, runs: number, streams: Stream[] }} Case
 * @typedef {{ what: string, error: number, compared: number, tolerance: number }} Row
 * @typedef {import("tract-wasm").Tensor} Tensor
 * @typedef {{ get(path: string): Promise<Uint8Array>, tract: import("tract-wasm").Tract }} Host
 */

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
 * A case's archive as a model, and what goes into and should come out of each of its runs.
 *
 * @param {Case} it
 * @param {Host} host
 */
export async function openCase({ name }, { get, tract }) {
  const tensors = readSafetensors(await get(`${name}/runs.safetensors`));
  const model = await tract.load(await get(`${name}/model.nnef.tgz`));
  /** @param {number} run @param {"in" | "out"} side @returns {Record<string, Tensor>} */
  const side = (run, side) => {
    const prefix = `${run}.${side}.`;
    const own = [...tensors].filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(own.map(([key, tensor]) => [key.slice(prefix.length), tensor]));
  };
  return { model, side };
}

/**
 * The output frames of a run that a stream can give too: those that see nothing of its end.
 *
 * @param {Stream} stream
 * @param {import("tract-wasm").Model} pulsed
 * @param {Tensor} expected
 */
export function framesOf({ tail }, pulsed, expected) {
  const [axis] = /** @type {number[]} */ (pulsed.properties["pulse.output_axes"]);
  if (axis === undefined) throw new Error("the model is not pulsed");
  return { axis, frames: /** @type {number} */ (expected.shape[axis]) - tail };
}

/**
 * @param {Case} it
 * @param {Host} host
 * @returns {Promise<Row[]>}
 */
export async function runCase(it, host) {
  const { name, tolerance, runs, streams } = it;
  const { model, side } = await openCase(it, host);
  const runnable = model.prepare();
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
  for (const stream of streams) {
    const { symbol, pulse, run } = stream;
    const pulsed = model.pulse(symbol, pulse);
    const [input] = Object.values(side(run, "in"));
    const [expected] = Object.values(side(run, "out"));
    if (input === undefined || expected === undefined) throw new Error(name);
    const { axis, frames } = framesOf(stream, pulsed, expected);
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
