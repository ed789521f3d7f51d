import type { TraceNode } from "tract-wasm";
import { type EngineNode, engineNodes } from "../../../model/facts.js";
import type { Scope } from "../../../model/raw-graph.js";
import type { WireOutput } from "./run-view.js";

/** For each node of the engine, by name: the wires of the text that are its outputs. */
export function outputsByNode(
  scope: Scope,
  nodes: readonly EngineNode[],
): Map<string, WireOutput[]> {
  const slots = new Map(
    scope.nodes.flatMap(({ outputs }) => outputs.map((wire, slot) => [wire, slot] as const)),
  );
  const made = new Map<string, WireOutput[]>();
  for (const [wire, { name }] of engineNodes(scope, nodes)) {
    const list = made.get(name) ?? [];
    list.push({ wire, slot: slots.get(wire) ?? 0 });
    made.set(name, list);
  }
  return made;
}

/** The same as a function of a trace's node. */
export const wireOutputsOf =
  (made: ReadonlyMap<string, readonly WireOutput[]>) =>
  ({ name }: Pick<TraceNode, "name">): readonly WireOutput[] =>
    made.get(name) ?? [];
