import type { ModelView } from "../../model/view.js";
import type { Extra } from "../details/nnef-details.js";
import type { Marks } from "../graph/drawing/graph-marks.js";

/** Marks of a verb on the graph, and its additions to the details. */
export interface Overlay {
  readonly marks: Partial<Marks>;
  /** Whether to leave room on wires for pictures of their values. */
  readonly pictures: boolean;
  readonly extras: (name: string) => readonly Extra[];
  /** A model to show instead of the open one, such as its pulsed form. */
  readonly view?: ModelView;
}

/** Sets the overlay of the inspector around `from`; undefined removes it. */
export function setOverlay(from: HTMLElement, overlay: Overlay | undefined) {
  from.dispatchEvent(new CustomEvent("nnef-overlay", { detail: overlay, bubbles: true }));
}
