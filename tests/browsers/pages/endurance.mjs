// Long runs, watched from inside the page. Plain JavaScript: a browser takes it as it is.

import { Vad } from "../lib/vad.js";

/** Looks at memory over a run. */
const LOOKS = 10;

/** Collections, and the time the browser takes after each to let go of what buffers held (ms). */
const COLLECTIONS = 3;
const SWEEP = 500;

/** Only Chromium tells, and only asked to by a flag does it say what is true now. */
async function heapBytes() {
  if (!globalThis.gc) return null;
  for (let n = 0; n < COLLECTIONS; n++) {
    globalThis.gc();
    await new Promise((later) => setTimeout(later, SWEEP));
  }
  return performance.memory?.usedJSHeapSize ?? null;
}

/**
 * A session's probabilities to its end, and memory: the engine's at every tenth of it, the page's before and after.
 *
 * @param {() => import("nnef-pulse/vad").Session | Promise<import("nnef-pulse/vad").Session>} begin
 * @param {number} frames about as many as will come
 */
async function watched(begin, frames) {
  // Made before the first look, so that what the test keeps does not look like a leak.
  const probabilities = new Float32Array(Math.ceil(frames * 1.1) + 100);
  const engineBytes = [];
  const errors = [];
  let count = 0;
  const heapBefore = await heapBytes();
  const began = performance.now();
  const session = await begin();
  for await (const event of session.events()) {
    if (event.type === "probability") probabilities[count++] = event.p;
    if (event.type === "probability" && count % Math.ceil(frames / LOOKS) === 0)
      engineBytes.push(session.figures.engineBytes);
    if (event.type === "error") errors.push(event.error.code);
  }
  const seconds = (performance.now() - began) / 1000;
  const memory = { engineBytes, heapBefore, heapAfter: await heapBytes() };
  const { dropped } = session.figures;
  const found = Array.from(probabilities.subarray(0, count));
  return { session, found: { probabilities: found, memory, errors, dropped, seconds } };
}

globalThis.hearLong = async (/** @type {string} */ file) => {
  const vad = await Vad.open();
  const blob = await (await fetch(file)).blob();
  const { found } = await watched(() => vad.file(blob), blob.size / 2 / vad.frameSamples);
  await vad.close();
  return found;
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
  let soundSeconds = Number.NaN;
  const listen = async () => {
    const session = await vad.listen({ stream: ear.stream, audioContext, record: true });
    const began = audioContext.currentTime;
    player.start();
    setTimeout(() => {
      soundSeconds = audioContext.currentTime - began;
      session.stop();
    }, 1000 * seconds);
    return session;
  };
  const { session, found } = await watched(listen, (seconds * vad.sampleRate) / vad.frameSamples);
  const wav = session.recording().toWav({ format: "float32" });
  const { found: again } = await watched(() => vad.file(wav), found.probabilities.length);
  await vad.close();
  return { ...found, soundSeconds, again: again.probabilities };
};
