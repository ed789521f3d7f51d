import { html, nothing } from "lit";
import type { PlacedNode } from "./drawing/placed.js";

/** Neighbours of the current node that assistive technology can read. */
const AROUND = 40;

/** The current node and its neighbours in order, for screen readers. */
export function accessibleNodes(nodes: readonly PlacedNode[], current: PlacedNode | undefined) {
  const at = Math.max(0, current ? nodes.indexOf(current) : 0);
  const from = Math.max(0, at - AROUND);
  return nodes.slice(from, at + AROUND).map((node, index) => {
    const isCurrent = from + index === at;
    const { title, detail, name, badge, fragment } = node;
    const what = [title, detail, name, badge, fragment && "can be opened"];
    return html`<span role="option" id=${isCurrent ? "nnef-graph-current" : nothing} aria-selected=${isCurrent}
      aria-setsize=${nodes.length} aria-posinset=${from + index + 1}>${what.filter(Boolean).join(", ")}</span>`;
  });
}
