import type { TraceNode } from "tract-wasm";
import { type EngineNode, engineNodes } from "../../../model/facts.js";
import type { Scope } from "../../../model/raw.js";
import type { Made } from "./sight.js";

/** Which wires of a text are outputs of each node of the engine, by the node's name. */
export function madeBy(scope: Scope, nodes: readonly EngineNode[]): Map<string, Made[]> {
  const slots = new Map(
    scope.nodes.flatMap(({ outputs }) => outputs.map((wire, slot) => [wire, slot] as const)),
  );
  const made = new Map<string, Made[]>();
  for (const [wire, { name }] of engineNodes(scope, nodes)) {
    const list = made.get(name) ?? [];
    list.push({ wire, slot: slots.get(wire) ?? 0 });
    made.set(name, list);
  }
  return made;
}

/** The same, as a trace asks for it. */
export const makerOf =
  (made: ReadonlyMap<string, readonly Made[]>) =>
  ({ name }: Pick<TraceNode, "name">): readonly Made[] =>
    made.get(name) ?? [];
