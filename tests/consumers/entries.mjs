/**
 * A page that uses each entry that draws or computes, and says `done` in `document.body.dataset.result`.
 * It opens the model `model.nnef.tgz` beside it.
 *
 * @param {string} bundle address of the shipped bundle's folder
 */
export const everyEntry = (bundle) => `
import { NnefVad } from "nnef-pulse/elements";
import { NnefInspector } from "nnef-pulse/inspector";
import "nnef-pulse/inspector/inspector.css";
import "nnef-pulse/look/look.css";
import * as reading from "nnef-pulse/reading";
import { openStream } from "nnef-pulse/stream";

export async function useEveryEntry() {
  if (customElements.get("nnef-vad") !== NnefVad) throw new Error("no nnef-vad");
  if (customElements.get("nnef-inspector") !== NnefInspector) throw new Error("no nnef-inspector");
  if (Object.keys(reading).length === 0) throw new Error("reading is empty");
  const faces = await document.fonts.load("16px 'IBM Plex Sans'");
  if (faces.length !== 1) throw new Error("look.css brings no font");

  const inspector = document.createElement("nnef-inspector");
  inspector.src = "model.nnef.tgz";
  document.body.append(inspector);
  const until = performance.now() + 40_000;
  const isReady = () =>
    inspector.querySelector(".graph-stage[aria-busy=false]") && !inspector.querySelector(".engine-line");
  while (!isReady()) {
    if (performance.now() > until) throw new Error("no graph with facts: " + inspector.textContent.slice(0, 300));
    await new Promise((later) => setTimeout(later, 100));
  }

  const stream = await openStream(${JSON.stringify(bundle)});
  const [input] = stream.inputs;
  await stream.push({ [input.name]: new Float32Array(input.framesPerPulse * 512) });
  await stream.flush();
  await stream.close();
}

export const report = () =>
  useEveryEntry().then(
    () => (document.body.dataset.result = "done"),
    (error) => (document.body.dataset.result = String(error.stack ?? error)),
  );
`;

export const page = (/** @type {string} */ script) => `<!doctype html>
<html lang="en"><title>Every entry</title><body>
<script type="module" src="${script}"></script></body></html>
`;
