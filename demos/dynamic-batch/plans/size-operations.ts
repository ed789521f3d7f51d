import type { ArchiveReading } from "nnef-pulse/reading";
import type { Graph } from "tract-wasm";

/** A line of graph.nnef, under its number. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** A reshape whose size the text computes as it runs, and what the engine made of that. */
export interface Reshaped {
  /** The wire it makes. */
  readonly wire: string;
  /** All that computes its size, and the reshape itself last. */
  readonly lines: readonly Line[];
  /** The engine's node of the same name. */
  readonly op: string;
  readonly info: readonly string[];
  readonly fact: string;
}

/** How a text asks for sizes, and what is left of it in the engine's graph. */
export interface Sizes {
  readonly reshapes: readonly Reshaped[];
  /** Operations of the text that ask for a shape, and all that only compute sizes. */
  readonly asks: number;
  readonly computes: number;
  /** Nodes of the engine that compute a size when the model runs. */
  readonly left: number;
}

const ASKS = /(?:^|_)shape_of$/;

/** Compares the text's arithmetic of sizes with the graph the engine made of it. */
export function sizesOf({ view }: ArchiveReading, graph: Graph): Sizes {
  const { nodes } = view.scopes.graph;
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((wire) => [wire, node])));
  const sizes = new Set<string>();
  for (const node of nodes) {
    const known = node.inputs.filter(({ wire }) => !makers.get(wire)?.constant);
    const onlySizes = known.length > 0 && known.every(({ wire }) => sizes.has(wire));
    if (ASKS.test(node.op) || onlySizes) for (const wire of node.outputs) sizes.add(wire);
  }
  const lines = linesByWire(view.text);
  const reshapes = nodes.flatMap(({ op, outputs: [wire = ""], inputs }): Reshaped[] => {
    const computed = inputs.map((input) => input.wire).filter((each) => sizes.has(each));
    const made = graph.nodes.find(({ name }) => name === wire);
    if (op !== "reshape" || computed.length === 0 || !made) return [];
    const way = behind(computed, (each) =>
      (makers.get(each)?.inputs ?? []).map((input) => input.wire).filter((from) => sizes.has(from)),
    );
    return [
      {
        wire,
        lines: [...way, wire]
          .flatMap((each) => lines.get(each) ?? [])
          .sort((a, b) => a.number - b.number),
        op: made.op,
        info: made.info,
        fact: made.outputs[0]?.fact ?? "",
      },
    ];
  });
  const makes = nodes.filter(({ outputs }) => outputs.some((wire) => sizes.has(wire)));
  return {
    reshapes,
    asks: makes.filter(({ op }) => ASKS.test(op)).length,
    computes: makes.length,
    left: graph.nodes.filter(({ outputs }) =>
      outputs.some(({ dtype, constant }) => dtype === "tdim" && !constant),
    ).length,
  };
}

/** These and all before them. */
function behind(wires: readonly string[], before: (wire: string) => readonly string[]) {
  const found = new Set(wires);
  for (const wire of found) for (const each of before(wire)) found.add(each);
  return [...found];
}

/** The graph's assignments by the wire they make. */
function linesByWire(text: string): ReadonlyMap<string, Line> {
  const found = new Map<string, Line>();
  text.split("\n").forEach((line, at) => {
    const wire = /^\s+(\w+) = /.exec(line)?.[1];
    if (wire) found.set(wire, { number: at + 1, text: line.trim() });
  });
  return found;
}
