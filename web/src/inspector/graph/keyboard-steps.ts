import type { Placed, PlacedNode } from "./drawing/placed.js";

export type Direction = "up" | "down" | "left" | "right";

/** Direction of each arrow key. */
export const ARROW_DIRECTIONS: Readonly<Record<string, Direction>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};

const middle = ({ box }: PlacedNode): number => box.x + box.width / 2;

/**
 * The node in a direction: up and down follow wires, left and right go to neighbours.
 */
export function stepFrom(placed: Placed, from: PlacedNode, to: Direction): PlacedNode | undefined {
  const near = (nodes: (PlacedNode | undefined)[]): PlacedNode | undefined =>
    nodes
      .filter((node) => node !== undefined)
      .sort((a, b) => Math.abs(middle(a) - middle(from)) - Math.abs(middle(b) - middle(from)))[0];
  if (to === "down") {
    return near(
      placed.edges.filter((it) => it.from === from.id).map((it) => placed.byId.get(it.to)),
    );
  }
  if (to === "up") {
    return near(
      placed.edges.filter((it) => it.to === from.id).map((it) => placed.byId.get(it.from)),
    );
  }
  const side = to === "right" ? 1 : -1;
  return near(
    placed.nodes.filter(
      (node) =>
        node !== from &&
        (middle(node) - middle(from)) * side > 0 &&
        Math.abs(node.box.y - from.box.y) < from.box.height * 2,
    ),
  );
}
