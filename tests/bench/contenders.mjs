/**
 * The engines under measurement. This file runs in Node and in the page alike.
 *
 * @typedef {object} Contender
 * @property {(samples: Float32Array) => number | Promise<number>} run one pulse of 512 samples at
 *   16 kHz; gives the probability of speech
 * @property {() => void} reset back to the start of a stream
 */

/** As the library does before every pulse: products of tinier numbers are denormal, and slow. */
const smallest = 1e-15;

/**
 * This project's engine on its pulsed bundle.
 *
 * @param {typeof import("tract-wasm")} tractWasm
 * @param {URL | undefined} wasm where the engine lies, if not beside the package
 * @param {Uint8Array} archive
 * @returns {Promise<Contender>}
 */
export async function ours({ loadTract, tensor }, wasm, archive) {
  const tract = await loadTract(wasm ? { wasm } : {});
  const model = await tract.load(archive);
  const [input] = model.inputs;
  const [output] = model.outputs;
  if (!input || !output) throw new Error("the bundle has no input or no output");
  const shape = input.shape.map(Number);
  const state = model.prepare().spawnState();
  const pulse = new Float32Array(512);
  return {
    run(samples) {
      for (let i = 0; i < pulse.length; i++) {
        const sample = /** @type {number} */ (samples[i]);
        pulse[i] = Math.abs(sample) < smallest ? 0 : sample;
      }
      const result = state.run({ [input.name]: tensor(pulse, shape) })[output.name];
      return Number(result?.data[0]);
    },
    reset: () => state.reset(),
  };
}

/**
 * onnxruntime-web on silero-vad's own ONNX file, which wants the last 64 samples of the pulse
 * before, and its state handed back.
 *
 * @param {any} ort the package `onnxruntime-web`, which the project does not depend on
 * @param {Uint8Array} file
 * @returns {Promise<Contender>}
 */
export async function theirs(ort, file) {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(file, { executionProviders: ["wasm"] });
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
