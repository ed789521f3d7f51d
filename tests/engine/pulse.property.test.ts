import { loadTract, PulseError, type Tract, tensor } from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { streamed } from "../conformance/run-cases.mjs";
import { archive, dat } from "./archives.js";
import { random } from "./mutations.js";

// NNEF_PULSE_GRAPHS for a longer run.
const graphs = Number(process.env.NNEF_PULSE_GRAPHS ?? 40);
const CHANNELS = 2;
const LEAST_COMPARED = 8;

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract.dispose());

interface Streaming {
  bytes: Uint8Array;
  /** Input frames for one output frame. */
  stride: number;
  /** Input frames that one output frame depends on. */
  sees: number;
}

/** Layers on S frames of two channels. Only a stream's last frames see padding past its end. */
function streamingGraph(below: (limit: number) => number): Streaming {
  const lines: string[] = [];
  const tensors: Record<string, Uint8Array> = {};
  let wire = "x";
  let [stride, sees] = [1, 1];
  const weights = (count: number) => Array.from({ length: count }, () => below(2001) / 1000 - 1);

  const conv = (
    from: string,
    to: string,
    kernel: number,
    step: number,
    dilation: number,
    padding = "(0, 0)",
  ) => {
    const label = `w${Object.keys(tensors).length}`;
    const shape = [CHANNELS, CHANNELS, kernel];
    tensors[`${label}.dat`] = dat(shape, weights(CHANNELS * CHANNELS * kernel));
    lines.push(
      `  ${label} = variable<scalar>(label = "${label}", shape = [${shape}]);`,
      `  ${to} = conv(${from}, ${label}, 0.0, padding = [${padding}], stride = [${step}], ` +
        `dilation = [${dilation}], border = "constant", groups = 1);`,
    );
  };

  for (let layer = 1 + below(4); layer > 0; layer--) {
    const next = `y${layer}`;
    switch (below(4)) {
      case 0: {
        const [kernel, step, dilation] = [1 + below(4), 1 + below(3), 1 + below(3)];
        conv(wire, next, kernel, step, dilation);
        sees += (kernel - 1) * dilation * stride;
        stride *= step;
        break;
      }
      case 1: {
        const [size, step] = [1 + below(3), 1 + below(2)];
        lines.push(
          `  ${next} = max_pool(${wire}, size = [1, 1, ${size}], stride = [1, 1, ${step}], ` +
            `dilation = [1, 1, 1], padding = [(0, 0), (0, 0), (0, 0)], border = "ignore");`,
        );
        sees += (size - 1) * stride;
        stride *= step;
        break;
      }
      case 2:
        lines.push(`  ${next} = relu(${wire}) - 0.5 * ${wire};`);
        break;
      default: {
        // A branch that looks one frame ahead, and so is late, meets one that is not.
        conv(wire, `${next}a`, 3, 1, 1, "(1, 1)");
        lines.push(`  ${next}c = concat([${next}a, ${wire}], axis = 1);`);
        const label = `w${Object.keys(tensors).length}`;
        tensors[`${label}.dat`] = dat([CHANNELS, 2 * CHANNELS, 1], weights(2 * CHANNELS ** 2));
        lines.push(
          `  ${label} = variable<scalar>(label = "${label}", shape = [${CHANNELS}, ${2 * CHANNELS}, 1]);`,
          `  ${next} = conv(${next}c, ${label}, 0.0, padding = [(0, 0)], stride = [1], ` +
            `dilation = [1], border = "constant", groups = 1);`,
        );
        sees += 2 * stride;
      }
    }
    wire = next;
  }
  const bytes = archive(
    {
      extensions: ["tract_symbol S", "tract_registry tract_pulse"],
      inputs: { x: `1,${CHANNELS},S,f32` },
      body: `${lines.join("\n")}\n  out = ${wire} + 0.0;`,
      outputs: ["out"],
    },
    tensors,
  );
  return { bytes, stride, sees };
}

/** The first `frames` frames of each channel. */
function cut(data: Float32Array, frames: number): number[] {
  const length = data.length / CHANNELS;
  return [...data].filter((_, ix) => ix % length < frames);
}

test(`${graphs} random graphs, streamed in random pulses, give what the whole gives`, {
  timeout: 600_000,
}, async () => {
  let refused = 0;
  for (let seed = 0; seed < graphs; seed++) {
    const below = random(seed);
    const { bytes, stride, sees } = streamingGraph(below);
    const pulse = stride * (1 + below(5));
    const length = sees + stride * (LEAST_COMPARED + below(20));
    const model = await tract.load(bytes);
    const data = Float32Array.from({ length: CHANNELS * length }, () => below(2001) / 1000 - 1);
    const x = tensor(data, [1, CHANNELS, length]);
    const { out } = model.prepare().run({ x });
    // What sees past the end differs: a stream does not know where it ends.
    const whole = Math.floor((length - sees) / stride) + 1;
    const frames = Math.min(whole, out?.shape[2] ?? 0);
    expect(frames, `seed ${seed}`).toBeGreaterThanOrEqual(LEAST_COMPARED);
    try {
      const found = streamed(model.pulse("S", pulse), x, frames);
      const expected = cut(out?.data as Float32Array, frames);
      expect(found.data).toHaveLength(expected.length);
      const errors = expected.map((value, ix) => Math.abs(value - Number(found.data[ix])));
      // A NaN from past the stream's end is no number below the tolerance either.
      const scale = Math.max(1, ...expected.map(Math.abs));
      expect(
        errors.every((error) => error <= 1e-5 * scale),
        `seed ${seed}, pulse ${pulse}`,
      ).toBe(true);
    } catch (error) {
      if (!(error instanceof PulseError)) throw error;
      refused += 1;
    }
    model.dispose();
  }
  expect(refused, "graphs tract would not pulse").toBeLessThan(graphs / 4);
});
