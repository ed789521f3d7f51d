/**
 * What Silero is fed, as pulses of 512 samples at 16 kHz. This file runs in Node and in the page
 * alike.
 *
 * @typedef {import("./measure.mjs").Case<Float32Array>} Case
 */

const pulse = 512;
const timedPulses = 128;

/** @param {Float32Array} samples */
const cut = (samples) =>
  Array.from({ length: Math.floor(samples.length / pulse) }, (_, k) =>
    samples.slice(k * pulse, (k + 1) * pulse),
  );

/** Uniform noise of that amplitude, the same every time (xorshift32). @param {number} amplitude */
function noise(amplitude) {
  let seed = 0x9e3779b9;
  return Float32Array.from({ length: timedPulses * pulse }, () => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (amplitude * seed) / 2 ** 31;
  });
}

/**
 * @param {Float32Array} speech at 16 kHz, at least four seconds, speech from the start
 * @param {readonly number[]} decades of noise: 3 is an amplitude of 1e-3
 * @returns {Case[]}
 */
export function sounds(speech, decades) {
  const talk = cut(speech).slice(0, timedPulses);
  const silence = cut(new Float32Array(timedPulses * pulse));
  return [
    { name: "silero-vad", before: [], timed: talk },
    { name: "silero-vad/silence", before: [], timed: silence },
    { name: "silero-vad/silence-after-speech", before: talk, timed: silence },
    ...decades.map((k) => ({
      name: `silero-vad/noise-${k === 0 ? "1" : `1e-${k}`}`,
      before: [],
      timed: cut(noise(10 ** -k)),
    })),
  ];
}

/** @param {ArrayBuffer} wav mono PCM16 with a plain header @returns {Float32Array} */
export function samplesOf(wav) {
  const view = new DataView(wav);
  let at = 12;
  while (view.getUint32(at, false) !== 0x64617461) at += 8 + view.getUint32(at + 4, true);
  const count = view.getUint32(at + 4, true) / 2;
  return Float32Array.from(
    { length: count },
    (_, i) => view.getInt16(at + 8 + 2 * i, true) / 32768,
  );
}
