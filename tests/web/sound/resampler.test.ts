import { describe, expect, it } from "vitest";
import { OptionError } from "../../../web/src/base/errors.js";
import { Resampler } from "../../../web/src/resampler.js";
import { random } from "../random.js";

const rates = [
  8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 176400, 192000, 37123, 47999,
];

function tone(hz: number, rate: number, length: number, amplitude = 0.5): Float32Array {
  return Float32Array.from(
    { length },
    (_, n) => amplitude * Math.sin((2 * Math.PI * hz * n) / rate),
  );
}

function whole(input: Float32Array, from: number, to: number): Float32Array {
  const resampler = new Resampler(from, to);
  return joined([resampler.push(input), resampler.flush()]);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Amplitude at `hz`, and what is left without it, both over the middle of the signal. */
function measure(
  signal: Float32Array,
  hz: number,
  rate: number,
): { amplitude: number; rest: number } {
  const edge = Math.floor(signal.length / 8);
  const middle = signal.subarray(edge, signal.length - edge);
  const w = (2 * Math.PI * hz) / rate;
  let [ss, sc, cc, xs, xc] = [0, 0, 0, 0, 0];
  for (let n = 0; n < middle.length; n++) {
    const [s, c, x] = [Math.sin(w * (n + edge)), Math.cos(w * (n + edge)), middle[n] as number];
    ss += s * s;
    sc += s * c;
    cc += c * c;
    xs += x * s;
    xc += x * c;
  }
  const determinant = ss * cc - sc * sc;
  const a = (xs * cc - xc * sc) / determinant;
  const b = (xc * ss - xs * sc) / determinant;
  let rest = 0;
  for (let n = 0; n < middle.length; n++) {
    const left =
      (middle[n] as number) - a * Math.sin(w * (n + edge)) - b * Math.cos(w * (n + edge));
    rest = Math.max(rest, Math.abs(left));
  }
  return { amplitude: Math.hypot(a, b), rest };
}

const decibel = (ratio: number) => 20 * Math.log10(ratio);

describe.each([16000, 8000])("to %i Hz", (out) => {
  it.each(rates)(
    "from %i Hz keeps the pass band within 0.1 dB and adds nothing above -80 dB",
    (rate) => {
      const top = 0.875 * Math.min(out / 2, rate / 2);
      for (const hz of [50, 0.3 * top, 0.7 * top, top]) {
        const { amplitude, rest } = measure(whole(tone(hz, rate, rate), rate, out), hz, out);
        expect(Math.abs(decibel(amplitude / 0.5)), `${hz} Hz`).toBeLessThan(0.1);
        expect(decibel(rest / 0.5), `${hz} Hz`).toBeLessThan(-80);
      }
    },
  );

  it.each(rates.filter((rate) => rate > out))(
    "from %i Hz rejects by 80 dB what would alias",
    (rate) => {
      for (const share of [0, 0.05, 0.2, 0.5, 0.9]) {
        const hz = out / 2 + share * (rate / 2 - out / 2) + 1;
        const made = whole(tone(hz, rate, rate), rate, out);
        const middle = made.subarray(out / 8, -out / 8);
        const peak = middle.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
        expect(decibel(peak / 0.5), `${hz} Hz`).toBeLessThan(-80);
      }
    },
  );

  it.each(rates)("from %i Hz keeps a constant", (rate) => {
    const made = whole(new Float32Array(rate).fill(0.25), rate, out);
    const middle = made.subarray(out / 8, -out / 8);
    expect(Math.max(...middle.map((x) => Math.abs(x - 0.25)))).toBeLessThan(1e-6);
  });

  it.each(rates)("from %i Hz leaves an impulse where it was", (rate) => {
    const input = new Float32Array(rate);
    input[rate / 2 - ((rate / 2) % 1)] = 1;
    const made = whole(input, rate, out);
    const energy = made.reduce((sum, x) => sum + x * x, 0);
    const centre = made.reduce((sum, x, n) => sum + n * x * x, 0) / energy;
    expect(centre / out).toBeCloseTo(Math.floor(rate / 2) / rate, 5);
  });
});

it("does not depend on how the input is cut into blocks", () => {
  const next = random(3);
  for (const rate of rates) {
    const input = Float32Array.from({ length: 20_000 }, () => next() * 2 - 1);
    const wanted = whole(input, rate, 16000);
    for (const most of [1, 7, 128, 1411, 4096]) {
      const resampler = new Resampler(rate, 16000);
      const parts: Float32Array[] = [];
      for (let at = 0; at < input.length; ) {
        const size = most === 1 ? 1 : 1 + Math.floor(next() * most);
        parts.push(resampler.push(input.subarray(at, at + size)));
        at += size;
      }
      parts.push(resampler.flush());
      expect(joined(parts)).toEqual(wanted);
    }
  }
});

it("begins anew after a flush", () => {
  const resampler = new Resampler(44100, 16000);
  const input = tone(440, 44100, 5000);
  const first = joined([resampler.push(input), resampler.flush()]);
  expect(joined([resampler.push(input), resampler.flush()])).toEqual(first);
  expect(first.length).toBe(Math.ceil((5000 * 160) / 441));
});

it("hands the same samples on at equal rates, as a copy", () => {
  const input = tone(440, 16000, 1000);
  const resampler = new Resampler(16000, 16000);
  const made = resampler.push(input);
  expect(made).toEqual(input);
  expect(made.buffer).not.toBe(input.buffer);
  expect(resampler.latencySeconds).toBe(0);
});

it("refuses rates that are none", () => {
  for (const rate of [0, -1, 44100.5, Number.NaN, 2_000_000]) {
    expect(() => new Resampler(rate, 16000)).toThrow(OptionError);
  }
});
