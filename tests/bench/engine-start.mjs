import { join } from "node:path";
import { inRoot } from "../../setup/paths.mjs";
import { comparedMedians, start, startHost, startMetrics, starts } from "./pages/cold.mjs";

/** From nothing to the probability of one pulse of silence, by each engine's own package. */
const pages = {
  ours: `<script type="module">
    import { loadTract, tensor } from "/ours/index.js";
    const unpacked = async ({ body }) =>
      new Response(body.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
    const archive = fetch("/silero/ours.nnef.tgz").then(unpacked);
    const tract = await loadTract();
    const model = await tract.load(await archive);
    const state = model.prepare().spawnState();
    const [{ name, shape }] = model.inputs;
    state.run({ [name]: tensor(new Float32Array(512), shape) });
    globalThis.first = performance.now();
  </script>`,
  theirs: `<script type="module">
    import * as ort from "/theirs/ort.wasm.min.mjs";
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create("/silero/theirs.onnx");
    await session.run({
      input: new ort.Tensor("float32", new Float32Array(64 + 512), [1, 64 + 512]),
      state: new ort.Tensor("float32", new Float32Array(2 * 128), [2, 1, 128]),
      sr: new ort.Tensor("int64", BigInt64Array.of(16000n), []),
    });
    globalThis.first = performance.now();
  </script>`,
};

/**
 * How long each engine takes from an empty page to a first probability, and what it downloads for it.
 *
 * @param {string} silero folder of `ours.nnef.tgz` and `theirs.onnx`
 * @param {string} onnxruntimeWeb folder of the installed package
 * @param {string} peer
 * @param {(what: string) => void} report
 */
export async function engineStart(silero, onnxruntimeWeb, peer, report) {
  const host = await startHost({
    "/ours/": inRoot("wasm", "dist"),
    "/theirs/": join(onnxruntimeWeb, "dist"),
    "/silero/": silero,
  });
  try {
    /** @type {Record<"ours" | "theirs", { ms: number, bytes: number }[]>} */
    const taken = { ours: [], theirs: [] };
    for (let round = 0; round < starts; round++) {
      report(`engine start ${round + 1} of ${starts}`);
      taken.ours.push(await start(host, pages.ours));
      taken.theirs.push(await start(host, pages.theirs));
    }
    return comparedMedians("engine-start", startMetrics, taken.ours, peer, taken.theirs);
  } finally {
    host.close();
  }
}
