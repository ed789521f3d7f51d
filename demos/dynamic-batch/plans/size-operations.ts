import type { ArchiveReading } from "nnef-pulse/reading";
import type { Graph } from "tract-wasm";

/** A line of graph.nnef with its number. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/** A reshape with a computed size, in the text and in the engine's graph. */
export interface Reshaped {
  /** Output wire. */
  readonly wire: string;
  /** Lines that compute the size, and the reshape itself. */
  readonly lines: readonly Line[];
  /** Operation of the engine's node with the same name. */
  readonly op: string;
  readonly info: readonly string[];
  readonly fact: string;
}

/** Operations that compute sizes, in the text and in the engine's graph. */
export interface SizeOperations {
  readonly reshapes: readonly Reshaped[];
  /** Operations of the text that ask for a shape, and all operations that only compute sizes. */
  readonly asks: number;
  readonly computes: number;
  /** Nodes of the engine that compute a size in each run. */
  readonly left: number;
}

const ASKS = /(?:^|_)shape_of$/;

/** Finds the size operations of a text, and those left in the engine's graph. */
export function analyseSizes({ view }: ArchiveReading, graph: Graph): SizeOperations {
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
    const node = graph.nodes.find(({ name }) => name === wire);
    if (op !== "reshape" || computed.length === 0 || !node) return [];
    const wires = withDependencies(computed, (each) =>
      (makers.get(each)?.inputs ?? []).map((input) => input.wire).filter((from) => sizes.has(from)),
    );
    return [
      {
        wire,
        lines: [...wires, wire]
          .flatMap((each) => lines.get(each) ?? [])
          .sort((a, b) => a.number - b.number),
        op: node.op,
        info: node.info,
        fact: node.outputs[0]?.fact ?? "",
      },
    ];
  });
  const sizeNodes = nodes.filter(({ outputs }) => outputs.some((wire) => sizes.has(wire)));
  return {
    reshapes,
    asks: sizeNodes.filter(({ op }) => ASKS.test(op)).length,
    computes: sizeNodes.length,
    left: graph.nodes.filter(({ outputs }) =>
      outputs.some(({ dtype, constant }) => dtype === "tdim" && !constant),
    ).length,
  };
}

/** Wires and all wires they depend on. */
function withDependencies(wires: readonly string[], before: (wire: string) => readonly string[]) {
  const found = new Set(wires);
  for (const wire of found) for (const each of before(wire)) found.add(each);
  return [...found];
}

/** Assignments of the graph by their output wire. */
function linesByWire(text: string): ReadonlyMap<string, Line> {
  const found = new Map<string, Line>();
  text.split("\n").forEach((line, at) => {
    const wire = /^\s+(\w+) = /.exec(line)?.[1];
    if (wire) found.set(wire, { number: at + 1, text: line.trim() });
  });
  return found;
}
