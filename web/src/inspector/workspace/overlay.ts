import type { ModelView } from "../../model/view.js";
import type { Extra } from "../details/nnef-details.js";
import type { Marks } from "../graph/drawing/graph-marks.js";

/** What a verb lays over the graph and adds to the details. */
export interface Overlay {
  readonly marks: Partial<Marks>;
  /** Room on wires for what flows on them. */
  readonly pictures: boolean;
  readonly extras: (name: string) => readonly Extra[];
  /** Shown instead of what is open, such as the pulsed form of a whole model. */
  readonly view?: ModelView;
}

/** Asks the inspector around `from` to lay this over its panes; undefined takes it away. */
export function lay(from: HTMLElement, overlay: Overlay | undefined) {
  from.dispatchEvent(new CustomEvent("nnef-overlay", { detail: overlay, bubbles: true }));
}
