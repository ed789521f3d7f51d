// What the specs ask of the library in a page. Plain JavaScript: a browser takes it as it is.

import { Vad } from "../lib/vad.js";

/** Seconds the microphone is heard. */
const SECONDS = 3;
const sample = new URL("../sample/sample.wav", document.baseURI);

/**
 * What a session finds, to its end.
 *
 * @param {import("nnef-pulse/vad").Session} session
 */
async function found(session) {
  const times = [];
  const probabilities = [];
  const segments = [];
  const errors = [];
  for await (const event of session.events()) {
    if (event.type === "probability") {
      times.push(event.time);
      probabilities.push(event.p);
    }
    if (event.type === "speechend") segments.push({ start: event.start, end: event.end });
    if (event.type === "error") errors.push(event.error.code);
  }
  const { dropped } = session.figures;
  return { times, probabilities, segments, errors, dropped };
}

/** A file through a bundle of the site, or through the one that ships. @param {{ bundle?: string, file?: string }} given */
async function hearFile({ bundle, file = sample.href }) {
  const vad = await Vad.open(bundle === undefined ? {} : { bundle });
  const heard = await found(vad.file(await (await fetch(file)).blob()));
  const { frameSamples, sampleRate } = vad;
  await vad.close();
  return { ...heard, frameSamples, sampleRate };
}

/**
 * Live sound, and then what was recorded of it as a file: both must find the same.
 *
 * @param {string | undefined} bundle
 * @param {(vad: Vad) => Promise<import("nnef-pulse/vad").Session>} listen
 */
async function hearTwice(bundle, listen) {
  const vad = await Vad.open(bundle === undefined ? {} : { bundle });
  const session = await listen(vad);
  const { inputRate } = session;
  const live = await found(session);
  const again = await found(vad.file(session.recording().toWav({ format: "float32" })));
  const { frameSamples } = vad;
  await vad.close();
  return { live, again, inputRate, frameSamples };
}

/** @param {string} [bundle] */
const hearStream = (bundle) => {
  // Made within the click: elsewhere browsers let no context run.
  const audioContext = new AudioContext();
  return hearTwice(bundle, async (vad) => {
    const sound = await (await fetch(sample)).arrayBuffer();
    const player = new AudioBufferSourceNode(audioContext, {
      buffer: await audioContext.decodeAudioData(sound),
    });
    const ear = new MediaStreamAudioDestinationNode(audioContext);
    player.connect(ear);
    const session = await vad.listen({ stream: ear.stream, audioContext, record: true });
    player.onended = () => setTimeout(() => session.stop(), 500);
    player.start();
    return session;
  });
};

/** @param {string} [bundle] */
const hearMicrophone = (bundle) =>
  hearTwice(bundle, async (vad) => {
    const session = await vad.listen({ record: true });
    setTimeout(() => session.stop(), 1000 * SECONDS);
    return session;
  });

/** @param {string} id @param {(bundle?: string) => Promise<unknown>} hear */
function onClick(id, hear) {
  document.getElementById(id)?.addEventListener("click", () => {
    const bundle = new URLSearchParams(location.search).get("bundle") ?? undefined;
    globalThis.heard = hear(bundle);
  });
}

onClick("stream", hearStream);
onClick("microphone", hearMicrophone);
globalThis.hearFile = hearFile;
