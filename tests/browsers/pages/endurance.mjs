// Long runs, watched from inside the page. Plain JavaScript: a browser takes it as it is.

import { Vad } from "../lib/vad.js";

/** Looks at memory over a run. */
const LOOKS = 10;

/** Only Chromium tells, and only asked to by a flag does it say what is true now. */
function heapBytes() {
  globalThis.gc?.();
  return globalThis.gc ? (performance.memory?.usedJSHeapSize ?? null) : null;
}

/**
 * A session's probabilities to its end, and memory: the engine's at every tenth of it, the page's before and after.
 *
 * @param {import("nnef-pulse/vad").Session} session
 * @param {number} frames about as many as will come
 */
async function watched(session, frames) {
  // Made before the first look, so that what the test keeps does not look like a leak.
  const probabilities = new Float32Array(Math.ceil(frames * 1.1) + 100);
  const engineBytes = [];
  const errors = [];
  let count = 0;
  const heapBefore = heapBytes();
  for await (const event of session.events()) {
    if (event.type === "probability") probabilities[count++] = event.p;
    if (event.type === "probability" && count % Math.ceil(frames / LOOKS) === 0)
      engineBytes.push(session.figures.engineBytes);
    if (event.type === "error") errors.push(event.error.code);
  }
  const memory = { engineBytes, heapBefore, heapAfter: heapBytes() };
  const { dropped } = session.figures;
  return { probabilities: Array.from(probabilities.subarray(0, count)), memory, errors, dropped };
}

globalThis.hearLong = async (/** @type {string} */ file) => {
  const vad = await Vad.open();
  const blob = await (await fetch(file)).blob();
  const began = performance.now();
  const found = await watched(vad.file(blob), blob.size / 2 / vad.frameSamples);
  const seconds = (performance.now() - began) / 1000;
  await vad.close();
  return { ...found, seconds };
};

globalThis.hearFor = async (/** @type {string} */ file, /** @type {number} */ seconds) => {
  const audioContext = new AudioContext();
  const vad = await Vad.open();
  const sound = await (await fetch(file)).arrayBuffer();
  const player = new AudioBufferSourceNode(audioContext, {
    buffer: await audioContext.decodeAudioData(sound),
    loop: true,
  });
  const ear = new MediaStreamAudioDestinationNode(audioContext);
  player.connect(ear);
  const session = await vad.listen({ stream: ear.stream, audioContext, record: true });
  player.start();
  setTimeout(() => session.stop(), 1000 * seconds);
  const found = await watched(session, (seconds * vad.sampleRate) / vad.frameSamples);
  const wav = session.recording().toWav({ format: "float32" });
  const { probabilities: again } = await watched(vad.file(wav), found.probabilities.length);
  await vad.close();
  return { ...found, again };
};
