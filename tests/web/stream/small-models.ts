import type { Tract } from "tract-wasm";
import type { Bundle } from "../../../web/src/bundle/load.js";
import type { BundleManifest } from "../../../web/src/bundle/manifest.js";
import { archive, dat } from "../../engine/archives.js";

/** Weights that differ from each other. */
const ramp = (count: number) => Array.from({ length: count }, (_, n) => ((n * 37) % 17) / 17 - 0.4);

const conv = (from: string, weights: string, stride: number, before: number, after: number) =>
  `conv(${from}, ${weights}, 0.0, padding = [(${before}, ${after})], stride = [${stride}], ` +
  `dilation = [1], border = "constant", groups = 1)`;

/** Two outputs of one input: one frame for each, three frames late; and one for every second, one frame late. */
export const twoHeads = archive(
  {
    extensions: ["tract_symbol S", "tract_registry tract_pulse"],
    inputs: { x: "1,2,S,f32" },
    body: `  w = variable<scalar>(label = "w", shape = [3, 2, 7]);
  v = variable<scalar>(label = "v", shape = [2, 2, 2]);
  slow = ${conv("x", "w", 1, 3, 3)};
  fast = ${conv("x", "v", 2, 0, 0)};`,
    outputs: ["slow", "fast"],
  },
  { "w.dat": dat([3, 2, 7], ramp(42)), "v.dat": dat([2, 2, 2], ramp(8)) },
);

/** Two inputs, one of them of twice the frames, and their sum. */
export const twoInputs = archive(
  {
    extensions: ["tract_symbol S", "tract_registry tract_pulse"],
    inputs: { x: "1,1,S,f32", y: "1,1,2*S,f32" },
    body: `  v = variable<scalar>(label = "v", shape = [1, 1, 2]);
  half = ${conv("y", "v", 2, 0, 0)};
  sum = x + half;`,
    outputs: ["sum"],
  },
  { "v.dat": dat([1, 1, 2], [0.5, 0.25]) },
);

/** A causal convolution along S: takes and gives one channel, so that it can be chained. */
export const causal = archive(
  {
    extensions: ["tract_symbol S", "tract_registry tract_pulse"],
    inputs: { x: "1,1,S,f32" },
    body: `  w = variable<scalar>(label = "w", shape = [1, 1, 4]);
  y = ${conv("x", "w", 1, 3, 0)};`,
    outputs: ["y"],
  },
  { "w.dat": dat([1, 1, 4], [0.5, -0.25, 0.125, 1]) },
);

/** A centred convolution of stride 2. */
export const halving = archive(
  {
    extensions: ["tract_symbol S", "tract_registry tract_pulse"],
    inputs: { x: "1,1,S,f32" },
    body: `  w = variable<scalar>(label = "w", shape = [1, 1, 3]);
  y = ${conv("x", "w", 2, 0, 0)};`,
    outputs: ["y"],
  },
  { "w.dat": dat([1, 1, 3], [0.25, 0.5, 0.25]) },
);

/** The mean absolute value of every 160 samples. */
export const level = archive(
  {
    extensions: ["tract_symbol S", "tract_registry tract_pulse"],
    inputs: { samples: "1,1,S,f32" },
    body: `  w = variable<scalar>(label = "w", shape = [1, 1, 160]);
  sizes = abs(samples);
  level = ${conv("sizes", "w", 160, 0, 0)};`,
    outputs: ["level"],
  },
  { "w.dat": dat([1, 1, 160], Array(160).fill(1 / 160)) },
);

let bundles = 0;

/** A bundle in memory, with one pulsed form for each of `pulses`, made by the engine when it is opened. */
export async function bundleOf(
  tract: Tract,
  bytes: Uint8Array,
  pulses: readonly number[],
  more: Partial<BundleManifest> = {},
): Promise<Bundle> {
  using model = await tract.load(bytes);
  const axis = (shape: readonly (number | string)[]) =>
    shape.findIndex((size) => String(size).includes("S"));
  const facts = (list: typeof model.inputs) => list.map(({ name, fact }) => ({ name, fact }));
  const manifest = {
    id: "small",
    engine: { made: tract.version.tract, oldest: tract.version.tract },
    symbols: model.symbols,
    inputs: facts(model.inputs),
    outputs: facts(model.outputs),
    pulses: pulses.map((pulse) => ({
      symbol: "S",
      pulse,
      delay: 0,
      warmUp: 0,
      inputAxes: model.inputs.map(({ shape }) => axis(shape)),
      outputAxes: model.outputs.map(({ shape }) => axis(shape)),
    })),
    ...more,
  } as unknown as BundleManifest;
  bundles += 1;
  const folder = `memory:/bundle-${bundles}/`;
  return {
    manifest,
    url: (path) => new URL(folder + path),
    file: async () => Uint8Array.from(bytes),
  };
}
