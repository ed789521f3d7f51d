import { join } from "node:path";
import { inRoot } from "../../../setup/paths.mjs";
import { comparedMedians, start, startHost, startMetrics, starts } from "./cold.mjs";
import { listening } from "./listening.mjs";

/** The least a page needs of each library to see its first probability from the microphone. */
const pages = {
  ours: `<script type="module">
    import { Vad } from "/ours/vad.js";
    const { session } = await Vad.listen();
    session.addEventListener("probability", () => { globalThis.first ??= performance.now(); });
    globalThis.session = session;
  </script>`,
  /** @param {string} model */
  theirs: (
    model,
  ) => `<script src="/ort/ort.wasm.min.js"></script><script src="/theirs/bundle.min.js"></script>
  <script>
    vad.MicVAD.new({
      model: "${model}",
      baseAssetPath: "/theirs/",
      onnxWASMBasePath: "/ort/",
      onFrameProcessed: () => { globalThis.first ??= performance.now(); },
    }).then((made) => made.start());
  </script>`,
};

/**
 * How long a stranger waits, and downloads, from an empty page to the first probability; and what listening costs.
 *
 * @param {string} vadWeb folder of the installed package @ricky0123/vad-web, its engine beside it
 * @param {string} peer
 * @param {(what: string) => void} report
 */
export async function live(vadWeb, peer, report) {
  const host = await startHost({
    "/ours/": inRoot("web", "dist"),
    "/theirs/": join(vadWeb, "dist"),
    "/ort/": join(vadWeb, "..", "..", "onnxruntime-web", "dist"),
  });
  try {
    /** @type {Record<"ours" | "legacy" | "v5", { ms: number, bytes: number }[]>} */
    const taken = { ours: [], legacy: [], v5: [] };
    for (let round = 0; round < starts; round++) {
      report(`start ${round + 1} of ${starts}`);
      taken.ours.push(await start(host, pages.ours));
      taken.legacy.push(await start(host, pages.theirs("legacy")));
      taken.v5.push(await start(host, pages.theirs("v5")));
    }
    const starting = /** @type {const} */ (["legacy", "v5"]).flatMap((model) =>
      comparedMedians(`cold-start/${model}`, startMetrics, taken.ours, peer, taken[model]),
    );
    report("listening");
    return [...starting, ...(await listening(host.url, pages, peer))];
  } finally {
    host.close();
  }
}
