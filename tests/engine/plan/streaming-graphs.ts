// Random small graphs that stream: layers one after the other on S frames of two channels, each
// decided by a seed alone.

import { archive, dat } from "../archives.js";

export const CHANNELS = 2;

export interface Streaming {
  bytes: Uint8Array;
  /** Input frames for one output frame. */
  stride: number;
  /** Input frames that one output frame depends on, but for what recurrences remember. */
  sees: number;
  /** The kinds of its layers, in order. */
  kinds: string[];
}

type Below = (limit: number) => number;

/** A graph as it grows, layer by layer. */
class Growing {
  readonly lines: string[] = [];
  readonly tensors: Record<string, Uint8Array> = {};
  readonly fragments = new Set<string>();
  stride = 1;
  sees = 1;
  #wires = 0;

  constructor(readonly below: Below) {}

  /** Assigns `value` to a new wire, and gives its name. */
  wire(value: string): string {
    this.#wires += 1;
    this.lines.push(`  y${this.#wires} = ${value};`);
    return `y${this.#wires}`;
  }

  /** Weights between -1 and 1 as a wire; `zero` leaves them all zero. */
  weights(shape: readonly number[], zero = false): string {
    const label = `w${Object.keys(this.tensors).length}`;
    const count = shape.reduce((a, b) => a * b, 1);
    const value = () => (zero ? 0 : this.below(2001) / 1000 - 1);
    this.tensors[`${label}.dat`] = dat(shape, Array.from({ length: count }, value));
    this.lines.push(`  ${label} = variable<scalar>(label = "${label}", shape = [${shape}]);`);
    return label;
  }

  /** A convolution along S; it counts for what the graph sees. */
  conv(from: string, kernel: number, step: number, dilation: number, padding: Padding): string {
    const reach = (kernel - 1) * dilation;
    const around = { none: [0, 0], before: [reach, 0], both: [reach / 2, reach / 2] }[padding];
    this.see(reach);
    return this.mix(from, kernel, step, dilation, around);
  }

  mix(
    from: string,
    kernel: number,
    step = 1,
    dilation = 1,
    [before, after]: readonly number[] = [0, 0],
    channels = CHANNELS,
  ): string {
    const weights = this.weights([CHANNELS, channels, kernel]);
    return this.wire(
      `conv(${from}, ${weights}, 0.0, padding = [(${before}, ${after})], stride = [${step}], ` +
        `dilation = [${dilation}], border = "constant", groups = 1)`,
    );
  }

  see(frames: number): void {
    this.sees += frames * this.stride;
  }
}

type Padding = "none" | "before" | "both";

/** A pool along S of `size` frames. */
const pool = (size: number, step: number, border: string) =>
  `size = [1, 1, ${size}], stride = [1, 1, ${step}], dilation = [1, 1, 1], ` +
  `padding = [(0, 0), (0, 0), (0, 0)], border = "${border}"`;

/** What a recurrence does with a frame `x`, having `h` (and `c`) from the frame before. */
const CELLS = {
  rnn: { state: ["h"], gates: 1, body: ["h_next = tanh(x0 + h0);"] },
  gru: {
    state: ["h"],
    gates: 3,
    body: [
      "z = sigmoid(x0 + h0);",
      "n = tanh(x2 + sigmoid(x1 + h1) * h2);",
      "h_next = n + z * (h - n);",
    ],
  },
  lstm: {
    state: ["h", "c"],
    gates: 4,
    body: [
      "c_next = sigmoid(x1 + h1) * c + sigmoid(x0 + h0) * tanh(x2 + h2);",
      "h_next = sigmoid(x3 + h3) * tanh(c_next);",
    ],
  },
} as const;

/** A recurrence over S, written as a scan. */
function recurrent(kind: keyof typeof CELLS): Layer {
  return (graph, from) => {
    const { state, body, gates } = CELLS[kind];
    const each = Array.from({ length: gates }, (_, gate) => gate);
    const parameters = [...state, "x", ...each.flatMap((gate) => [`w${gate}`, `u${gate}`])];
    const products = each.flatMap((gate) => [
      `x${gate} = matmul(x, w${gate}, transposeB = true);`,
      `h${gate} = matmul(h, u${gate}, transposeB = true);`,
    ]);
    graph.fragments.add(
      `fragment ${kind}_cell(${parameters.map((name) => `${name}: tensor<scalar>`).join(", ")})
-> (${state.map((name) => `${name}_next: tensor<scalar>`).join(", ")})
{
  ${[...products, ...body].join("\n  ")}
}
`,
    );
    const shape = [1, CHANNELS, CHANNELS];
    const full = parameters
      .slice(state.length + 1)
      .map((name) => `("${name}", ${graph.weights(shape)})`);
    const states = state.map(
      (name) => `("${name}", ${graph.weights([1, 1, CHANNELS], true)}, "${name}_next")`,
    );
    const frames = graph.wire(`transpose(${from}, axes = [2, 0, 1])`);
    const scanned = graph.wire(
      `tract_core_scan(body = "${kind}_cell", scan = [("x", ${frames}, 0, 1)], ` +
        `full = [${full.join(", ")}], state = [${states.join(", ")}], ` +
        `output = [("h_next", "full", 0, 1)], skip = 0)`,
    );
    return graph.wire(`transpose(${scanned}, axes = [1, 2, 0])`);
  };
}

type Layer = (graph: Growing, from: string) => string;

/** Two branches that look ahead by other lengths, so that one is later than the other. */
function branches(graph: Growing, from: string): [string, string] {
  const [one, other] = [1 + 2 * graph.below(2), 3 + 2 * graph.below(2)];
  const dilation = 1 + graph.below(2);
  graph.see(Math.max(one - 1, (other - 1) * dilation));
  const same = (kernel: number, by: number) => {
    const around = ((kernel - 1) * by) / 2;
    return graph.mix(from, kernel, 1, by, [around, around]);
  };
  return [same(one, 1), same(other, dilation)];
}

/** All kinds of layers. Only a stream's last frames may see padding past its end. */
const LAYERS: Record<string, Layer> = {
  convolution: (graph, from) => {
    const [kernel, step, dilation] = [1 + graph.below(4), 1 + graph.below(3), 1 + graph.below(3)];
    const out = graph.conv(from, kernel, step, dilation, "none");
    graph.stride *= step;
    return out;
  },
  "causal convolution": (graph, from) =>
    graph.conv(from, 1 + graph.below(4), 1, 1 + graph.below(3), "before"),
  "centred convolution": (graph, from) =>
    graph.conv(from, 3 + 2 * graph.below(2), 1, 1 + graph.below(2), "both"),
  "max pool": (graph, from) => {
    const [size, step] = [1 + graph.below(3), 1 + graph.below(2)];
    const out = graph.wire(`max_pool(${from}, ${pool(size, step, "ignore")})`);
    graph.see(size - 1);
    graph.stride *= step;
    return out;
  },
  "average pool": (graph, from) => {
    const [size, step] = [1 + graph.below(3), 1 + graph.below(2)];
    const out = graph.wire(`box(${from}, ${pool(size, step, "ignore")}, normalize = true)`);
    graph.see(size - 1);
    graph.stride *= step;
    return out;
  },
  elementwise: (graph, from) => graph.wire(`relu(${from}) - 0.5 * ${from}`),
  "concat of branches": (graph, from) => {
    const joined = graph.wire(`concat([${branches(graph, from).join(", ")}], axis = 1)`);
    return graph.mix(joined, 1, 1, 1, [0, 0], 2 * CHANNELS);
  },
  "sum of branches": (graph, from) => graph.wire(branches(graph, from).join(" + ")),
  rnn: recurrent("rnn"),
  gru: recurrent("gru"),
  lstm: recurrent("lstm"),
};

export const KINDS = Object.keys(LAYERS);

/** One to four layers. */
export function streamingGraph(below: Below): Streaming {
  const graph = new Growing(below);
  const kinds = Array.from({ length: 1 + below(4) }, () => KINDS[below(KINDS.length)] as string);
  let wire = "x";
  for (const kind of kinds) wire = (LAYERS[kind] as Layer)(graph, wire);
  const bytes = archive(
    {
      extensions: ["tract_symbol S", "tract_registry tract_pulse"],
      inputs: { x: `1,${CHANNELS},S,f32` },
      fragments: [...graph.fragments],
      body: `${graph.lines.join("\n")}\n  out = ${wire} + 0.0;`,
      outputs: ["out"],
    },
    graph.tensors,
  );
  return { bytes, stride: graph.stride, sees: graph.sees, kinds };
}
