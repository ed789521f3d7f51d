// Writes every form of a case, whole and pulsed, back to an archive in whatever loaded the engine.
// reload.py holds archives, facts and streams to what native tract makes of the case.

import { framesOf, openCase, streamed } from "./run-cases.mjs";

/**
 * @typedef {import("./run-cases.mjs").Case} Case
 * @typedef {import("./run-cases.mjs").Host} Host
 * @typedef {import("./run-cases.mjs").Stream} Stream
 * @typedef {import("tract-wasm").Model} Model
 * @typedef {object} Form plain data, so that a page can hand it over as JSON
 * @property {string} case
 * @property {string} form `whole`, or such as `S=8`
 * @property {{ inputs: string[], outputs: string[] }} facts
 * @property {string} [archive] base64 of what `toNnef` gives
 * @property {{ op: string, node: string }} [refused] by a `WriteError`
 * @property {{ stream: Stream, delay: number, frames: number, values: number[] }} [pulsed]
 */

/**
 * @param {Case} it
 * @param {Host} host
 * @returns {Promise<Form[]>}
 */
export async function writeCase(it, host) {
  const { model, side } = await openCase(it, host);
  const forms = [{ case: it.name, form: "whole", facts: facts(model), ...(await written(model)) }];
  for (const stream of it.streams) {
    const { symbol, pulse, run } = stream;
    const pulsed = model.pulse(symbol, pulse);
    const [input] = Object.values(side(run, "in"));
    const [expected] = Object.values(side(run, "out"));
    const [delay] = /** @type {number[]} */ (pulsed.properties["pulse.delay"]);
    if (input === undefined || expected === undefined || delay === undefined) {
      throw new Error(it.name);
    }
    const { frames } = framesOf(stream, pulsed, expected);
    const values = Array.from(streamed(pulsed, input, frames).data, Number);
    forms.push({
      case: it.name,
      form: `${symbol}=${pulse}`,
      facts: facts(pulsed),
      ...(await written(pulsed)),
      pulsed: { stream, delay, frames, values },
    });
    pulsed.dispose();
  }
  model.dispose();
  return forms;
}

/** @param {Model} model */
const facts = ({ inputs, outputs }) => ({
  inputs: inputs.map(({ fact }) => fact),
  outputs: outputs.map(({ fact }) => fact),
});

/** @param {Model} model @returns {Promise<Pick<Form, "archive" | "refused">>} */
async function written(model) {
  try {
    return { archive: base64(await model.toNnef()) };
  } catch (error) {
    const { code, op, node } = /** @type {import("tract-wasm").WriteError} */ (error);
    if (code !== "write") throw error;
    return { refused: { op, node } };
  }
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  const CHUNK = 0x8000; // arguments of one call
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(text);
}
