/**
 * All that is timed inside one runner, one after the other. This file runs in Node and in the page
 * alike.
 */
import { readSafetensors } from "../conformance/tensors.mjs";
import { ourSilero, ours, theirSilero, theirs } from "./contenders.mjs";
import { multiplyAddsPerMicrosecond } from "./limit.mjs";
import { measure, warm } from "./measure.mjs";
import { samplesOf, sounds } from "./sounds.mjs";

/**
 * @typedef {object} Host
 * @property {import("tract-wasm").Tract} tract
 * @property {any} ort the package onnxruntime-web
 * @property {(path: string) => Promise<Uint8Array>} get `silero/…`, `limit.wasm`, `CASE/…`
 * @property {import("./plans.mjs").Plan} plan
 * @property {(name: string) => void} report called as each case begins
 */

/** @typedef {import("./measure.mjs").Measured} Measured */

/**
 * Steps of a pass, and how many times as many passes: a pass takes a moment whatever a model costs.
 *
 * @type {Readonly<Record<string, { steps: number, times: number }>>}
 */
const slow = {
  "vit-4x384": { steps: 3, times: 3 },
  "albert-6x256": { steps: 8, times: 4 },
};
const paceOf = (/** @type {string} */ name) => slow[name] ?? { steps: 40, times: 1 };

/** @param {Host} host @returns {Promise<{ measured: Measured[], limit: number }>} */
export async function suite({ tract, ort, get, plan, report }) {
  ort.env.logLevel = "error";
  report("the machine's limit");
  const limit = await multiplyAddsPerMicrosecond(await get("limit.wasm"), plan.batch);
  const measured = await silero({ tract, ort, get, plan, report });
  for (const name of plan.models) {
    report(name);
    measured.push(await model(name, { tract, ort, get, plan }));
  }
  return { measured, limit };
}

/** @param {Host} host */
async function silero({ tract, ort, get, plan, report }) {
  const archive = await get("silero/ours.nnef.tgz");
  const sound = await get("silero/sound.wav");
  const samples = samplesOf(/** @type {ArrayBuffer} */ (sound.slice().buffer));
  const all = sounds(samples, plan.decades);
  const [speech] = all;
  if (!speech) throw new Error("there is no sound");
  const mine = await ourSilero(tract, archive);
  const peers = await theirSilero(ort, await get("silero/theirs.onnx"));
  /** @type {Measured[]} */
  const measured = [];
  report("warming up");
  await warm([mine, peers], speech, plan.warmUp);
  for (const one of all) {
    report(one.name);
    measured.push(await measure(mine, peers, one, plan));
  }
  for (const count of plan.streams) {
    const name = `silero-vad/streams-${count}`;
    report(name);
    const several = await ourSilero(tract, archive, count);
    measured.push(await measure(several, undefined, { ...speech, name }, plan));
  }
  return measured;
}

/** @param {string} name @param {Omit<Host, "report">} host */
async function model(name, { tract, ort, get, plan }) {
  /** @type {import("./contenders.mjs").Described} */
  const described = JSON.parse(new TextDecoder().decode(await get(`${name}/case.json`)));
  const inputs = Object.fromEntries(readSafetensors(await get(`${name}/inputs.safetensors`)));
  const mine = await ours(tract, await get(`${name}/ours.nnef.tgz`), described, inputs);
  const peers = await theirs(ort, await get(`${name}/theirs.onnx`), described, inputs);
  const one = steps(name, described, inputs);
  await warm([mine, peers], one, plan.warmUp);
  return measure(mine, peers, one, { ...plan, passes: paceOf(name).times * plan.passes });
}

/**
 * @param {string} name
 * @param {import("./contenders.mjs").Described} described
 * @param {Record<string, import("tract-wasm").Tensor>} inputs
 * @returns {import("./measure.mjs").Case<number>}
 */
function steps(name, { stream }, inputs) {
  const count = (/** @type {number} */ length) => Array.from({ length }, (_, k) => k);
  if (!stream) return { name, before: [], timed: count(paceOf(name).steps) };
  const [whole] = Object.values(inputs);
  const pulses = count(Number(whole?.shape[stream.inputAxis]) / stream.pulse);
  // Before the window is full the rival has not the past it needs. Its last frames are near the
  // stream's, no nearer: it has forgotten what a recurrent layer has not.
  return {
    name,
    before: pulses.slice(0, stream.window),
    timed: pulses.slice(stream.window),
    tolerance: 2e-2,
  };
}
