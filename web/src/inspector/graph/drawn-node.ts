import type { Placed, PlacedNode } from "./drawing/placed.js";

/** The drawn node of a name; for a folded name, the node it is folded into. */
export function drawnNodeOf(placed: Placed | undefined, name: string): PlacedNode | undefined {
  const nodes = placed?.nodes ?? [];
  const direct = nodes.find((node) => node.name === name && node.kind !== "output");
  if (direct) return direct;
  const prefix = name.includes("/") ? name.slice(0, name.lastIndexOf("/") + 1) : "";
  return nodes.find(({ folded, name: own }) => {
    if (!folded || (prefix && !own.startsWith(prefix))) return false;
    const inside = [
      ...folded.raw.outputs,
      ...folded.absorbed.flatMap((each) => each.outputs),
      ...folded.constants.flatMap((each) => each.chain.flatMap((raw) => raw.outputs)),
    ];
    return inside.some((wire) => `${prefix}${wire}` === name);
  });
}
