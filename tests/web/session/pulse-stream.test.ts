import { describe, expect, it } from "vitest";
import {
  type PulseRunner,
  type PulseShape,
  PulseStream,
} from "../../../web/src/engine/pulse-stream.js";
import { random } from "../random.js";

/** Stands for a model: each output frame is the sum of its samples, coming `delayFrames` late, as a real one's would. */
class SumModel implements PulseRunner {
  readonly pulses: Float32Array[] = [];
  #late: number[] = [];
  readonly #shape: PulseShape;

  constructor(shape: PulseShape) {
    this.#shape = shape;
    this.reset();
  }

  run(samples: Float32Array): Float32Array {
    this.pulses.push(samples.slice());
    const { framesPerPulse, pulseSamples } = this.#shape;
    const size = pulseSamples / framesPerPulse;
    return Float32Array.from({ length: framesPerPulse }, (_, frame) => {
      this.#late.push(
        samples.subarray(frame * size, (frame + 1) * size).reduce((sum, x) => sum + x, 0),
      );
      return this.#late.shift() as number;
    });
  }

  reset(): void {
    this.#late = Array(this.#shape.delayFrames).fill(-1);
  }
}

const shape = (over: Partial<PulseShape> = {}): PulseShape => ({
  sampleRate: 16000,
  pulseSamples: 8,
  framesPerPulse: 1,
  delayFrames: 0,
  ...over,
});

function sums(sound: readonly number[], size: number): number[] {
  return Array.from({ length: Math.ceil(sound.length / size) }, (_, frame) =>
    Math.fround(sound.slice(frame * size, (frame + 1) * size).reduce((sum, x) => sum + x, 0)),
  );
}

/** Everything a stream says of sound that comes in blocks; a number stands for so many samples lost. */
function hear(
  setup: PulseShape,
  blocks: readonly (Float32Array | number)[],
  inputRate = setup.sampleRate,
) {
  const model = new SumModel(setup);
  const stream = new PulseStream(model, setup, inputRate);
  const probabilities: number[] = [];
  const pieces: ({ samples: number[] } | { lost: number; pulses: number })[] = [];
  const take = () => {
    const taken = stream.take();
    probabilities.push(...taken.probabilities);
    pieces.push(
      ...taken.pieces.map((piece) =>
        "samples" in piece ? { samples: [...piece.samples] } : piece,
      ),
    );
  };
  for (const block of blocks) {
    if (typeof block === "number") stream.skip(block);
    else stream.push(block.slice());
    take();
  }
  stream.finish();
  take();
  return { probabilities, pieces, model, stream };
}

const whole = (count: number, from = 1) => Array.from({ length: count }, (_, n) => n + from);

describe("PulseStream", () => {
  it.each([
    [1, 0],
    [1, 3],
    [4, 0],
    [4, 6],
  ])(
    "answers every frame in order, %i a pulse and %i late, however the sound is cut",
    (framesPerPulse, delayFrames) => {
      const next = random(5);
      for (let length = 1; length < 70; length++) {
        const sound = whole(length);
        const blocks: Float32Array[] = [];
        for (let at = 0; at < length; ) {
          const size = 1 + Math.floor(next() * 20);
          blocks.push(Float32Array.from(sound.slice(at, at + size)));
          at += size;
        }
        const { probabilities, pieces } = hear(shape({ framesPerPulse, delayFrames }), blocks);
        expect(probabilities).toEqual(sums(sound, 8 / framesPerPulse));
        expect(pieces.flatMap((piece) => ("samples" in piece ? piece.samples : []))).toEqual(sound);
      }
    },
  );

  it("replaces and counts what is not finite, as if it were zero", () => {
    const bad = Float32Array.of(
      1,
      Number.NaN,
      2,
      Number.POSITIVE_INFINITY,
      -1e30,
      3,
      Number.NEGATIVE_INFINITY,
      1e6,
    );
    const heard = hear(shape(), [bad]);
    expect(heard.stream.replaced).toBe(4);
    expect(heard.probabilities).toEqual(
      hear(shape(), [Float32Array.of(1, 0, 2, 0, 0, 3, 0, 1e6)]).probabilities,
    );
  });

  it.each([16000, 48000])("hands the model no denormals, from %i Hz", (rate) => {
    const faint = new Float32Array(6000);
    faint[0] = 1e-14;
    faint[3000] = 1e-40;
    const { model } = hear(shape(), [faint], rate);
    const smallest = Math.min(
      ...model.pulses.flatMap((pulse) => [...pulse].filter((x) => x !== 0).map(Math.abs)),
    );
    expect(smallest).toBeGreaterThanOrEqual(1e-15);
  });

  it.each([0, 2])(
    "leaves out pulses with lost sound and keeps the clock, with a delay of %i frames",
    (delayFrames) => {
      const { probabilities, pieces, model } = hear(shape({ delayFrames }), [
        Float32Array.from(whole(20)),
        10,
        Float32Array.from(whole(18, 31)),
      ]);
      // Samples 20 to 29 are lost: pulses 2 and 3 of 0 to 5 are touched.
      const [a, b, , , c, d] = sums(whole(48), 8);
      expect(probabilities).toEqual([a, b, Number.NaN, Number.NaN, c, d]);
      const lost = pieces.flatMap((piece) => ("lost" in piece ? [piece] : []));
      expect(lost).toEqual([
        { lost: 8, pulses: 1 },
        { lost: 8, pulses: 1 },
      ]);
      const real = model.pulses.filter((pulse) => pulse.some((x) => x !== 0));
      expect(real.map((pulse) => pulse[0])).toEqual([1, 9, 33, 41]);
      expect(
        pieces.reduce(
          (sum, piece) => sum + ("lost" in piece ? piece.lost : piece.samples.length),
          0,
        ),
      ).toBe(48);
    },
  );

  it("keeps the clock over random losses at any rate", () => {
    const next = random(11);
    for (const rate of [8000, 16000, 44100, 48000]) {
      const blocks: (Float32Array | number)[] = [];
      let taken = 0;
      for (let n = 0; n < 200; n++) {
        const size = 1 + Math.floor(next() * 200);
        taken += size;
        blocks.push(next() < 0.2 ? size : new Float32Array(size).fill(0.1));
      }
      const { probabilities, pieces } = hear(shape({ delayFrames: 3 }), blocks, rate);
      const length = Math.ceil((taken * 16000) / rate);
      expect(
        pieces.reduce(
          (sum, piece) => sum + ("lost" in piece ? piece.lost : piece.samples.length),
          0,
        ),
      ).toBe(length);
      expect(probabilities.length).toBe(Math.ceil(length / 8));
      expect(probabilities.filter(Number.isNaN).length).toBe(
        pieces.reduce((sum, piece) => sum + ("lost" in piece ? piece.pulses : 0), 0),
      );
    }
  });

  it("says nothing of no sound", () => {
    expect(hear(shape({ delayFrames: 2 }), []).probabilities).toEqual([]);
  });
});
