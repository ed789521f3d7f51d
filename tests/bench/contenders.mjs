/**
 * The engines under measurement. This file runs in Node and in the page alike.
 *
 * @template Item what one timed step is given
 * @typedef {object} Contender
 * @property {(item: Item) => Output | Promise<Output>} run one step
 * @property {() => void} reset back to the start of a stream
 */

/** @typedef {number | ArrayLike<number>} Output */
/** @typedef {import("tract-wasm").Tract} Tract */
/** @typedef {import("tract-wasm").Tensor} Tensor */

/**
 * A model as `models.py` describes it.
 *
 * @typedef {object} Described
 * @property {string[]} outputs the first is what is compared
 * @property {Stream | null} stream
 */

/**
 * @typedef {object} Stream
 * @property {number} pulse input frames
 * @property {number} delay output frames
 * @property {number} inputAxis
 * @property {number} outputAxis
 * @property {number} framesPerPulse output frames
 * @property {number} window pulses the stateless rival reads each time
 */

/** As the library does before every pulse: products of tinier numbers are denormal, and slow. */
const smallest = 1e-15;

/**
 * This project's engine on Silero's pulsed model, one stream or several in turn.
 *
 * @param {Tract} tract
 * @param {Uint8Array} archive
 * @param {number} [streams] states; each step feeds the pulse to every one
 * @returns {Promise<Contender<Float32Array>>}
 */
export async function ourSilero(tract, archive, streams = 1) {
  const runnable = await prepared(tract, archive);
  const { input, output } = runnable;
  const states = Array.from({ length: streams }, () => runnable.plan.spawnState());
  const pulse = new Float32Array(512);
  const fed = { [input.name]: { data: pulse, shape: input.shape, dtype: input.dtype } };
  return {
    run(samples) {
      for (let i = 0; i < pulse.length; i++) {
        const sample = /** @type {number} */ (samples[i]);
        pulse[i] = Math.abs(sample) < smallest ? 0 : sample;
      }
      let probability = Number.NaN;
      for (const state of states) probability = Number(state.run(fed)[output.name]?.data[0]);
      return probability;
    },
    reset() {
      for (const state of states) state.reset();
    },
  };
}

/**
 * onnxruntime-web on silero-vad's own ONNX file, which wants the last 64 samples of the pulse
 * before, and its state handed back.
 *
 * @param {any} ort the package `onnxruntime-web`, which the project does not depend on
 * @param {Uint8Array} file
 * @returns {Promise<Contender<Float32Array>>}
 */
export async function theirSilero(ort, file) {
  const session = await opened(ort, file);
  const rate = new ort.Tensor("int64", BigInt64Array.of(16000n), []);
  const empty = () => new ort.Tensor("float32", new Float32Array(2 * 128), [2, 1, 128]);
  const input = new Float32Array(64 + 512);
  let state = empty();
  return {
    async run(samples) {
      input.copyWithin(0, 512);
      input.set(samples, 64);
      const { output, stateN } = await session.run({
        input: new ort.Tensor("float32", input, [1, input.length]),
        state,
        sr: rate,
      });
      state = stateN;
      return output.data[0];
    },
    reset() {
      input.fill(0);
      state = empty();
    },
  };
}

/**
 * Our engine on any model: stateless, or pulse after pulse of the one input. An item is the index
 * of a pulse; a stateless model does not look at it.
 *
 * @param {Tract} tract
 * @param {Uint8Array} archive
 * @param {Described} described
 * @param {Record<string, Tensor>} inputs
 * @returns {Promise<Contender<number>>}
 */
export async function ours(tract, archive, { outputs, stream }, inputs) {
  const { plan, input, output } = await prepared(tract, archive);
  const wanted = outputs[0] ?? output.name;
  /** @param {Record<string, Tensor>} result */
  const read = (result) =>
    /** @type {Float32Array} */ (/** @type {Tensor} */ (result[wanted]).data);
  if (!stream) return { run: () => read(plan.run(inputs)), reset: () => {} };
  const whole = /** @type {Tensor} */ (inputs[input.name]);
  const pulses = Array.from(
    { length: Number(whole.shape[stream.inputAxis]) / stream.pulse },
    (_, k) => ({ [input.name]: cut(whole, k, 1, stream) }),
  );
  const state = plan.spawnState();
  return {
    run: (k) => read(state.run(/** @type {Record<string, Tensor>} */ (pulses[k]))),
    reset: () => state.reset(),
  };
}

/**
 * onnxruntime-web on the same model. A stream costs it a run over a window of the past for each
 * pulse, of which only the newest frames count.
 *
 * @param {any} ort
 * @param {Uint8Array} file
 * @param {Described} described
 * @param {Record<string, Tensor>} inputs
 * @returns {Promise<Contender<number>>}
 */
export async function theirs(ort, file, { outputs, stream }, inputs) {
  const session = await opened(ort, file);
  const wanted = outputs[0] ?? session.outputNames[0];
  /** @param {Tensor} tensor */
  const converted = ({ data, shape, dtype }) =>
    new ort.Tensor(dtype === "i64" ? "int64" : "float32", data, shape);
  if (!stream) {
    const fed = Object.fromEntries(
      Object.entries(inputs).map(([name, tensor]) => [name, converted(tensor)]),
    );
    return { run: async () => (await session.run(fed))[wanted].data, reset: () => {} };
  }
  const [[name, whole] = /** @type {never} */ ([])] = Object.entries(inputs);
  const { delay, framesPerPulse, window, outputAxis } = stream;
  const to = window * framesPerPulse - delay;
  const parts = Array.from(
    { length: Number(whole.shape[stream.inputAxis]) / stream.pulse },
    (_, k) => converted(cut(whole, Math.max(0, k + 1 - window), window, stream)),
  );
  return {
    async run(k) {
      const result = (await session.run({ [name]: parts[k] }))[wanted];
      const inner = result.dims
        .slice(outputAxis + 1)
        .reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
      return result.data.slice((to - framesPerPulse) * inner, to * inner);
    },
    reset: () => {},
  };
}

/**
 * Pulses `from` to `from + count` of a tensor whose axes before the streaming one are all one.
 *
 * @param {Tensor} tensor @param {number} from @param {number} count @param {Stream} stream
 * @returns {Tensor}
 */
function cut({ data, shape, dtype }, from, count, { inputAxis, pulse }) {
  const inner = shape.slice(inputAxis + 1).reduce((a, b) => a * b, 1) * pulse;
  const taken = data.slice(from * inner, (from + count) * inner);
  return /** @type {Tensor} */ ({
    data: taken,
    shape: shape.with(inputAxis, count * pulse),
    dtype,
  });
}

/** @param {Tract} tract @param {Uint8Array} archive */
async function prepared(tract, archive) {
  const model = await tract.load(archive);
  const [input] = model.inputs;
  const [output] = model.outputs;
  if (!input || !output) throw new Error("the model has no input or no output");
  const { name, dtype } = input;
  return { plan: model.prepare(), input: { name, dtype, shape: input.shape.map(Number) }, output };
}

/** @param {any} ort @param {Uint8Array} file */
function opened(ort, file) {
  ort.env.wasm.numThreads = 1;
  return ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
}
