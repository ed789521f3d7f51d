import type { PlacedEdge, PlacedNode } from "./placed.js";

/** What is laid over a drawing: it changes without a new layout. Names are those of selection. */
export interface Marks {
  readonly selected: string | undefined;
  readonly hovered: string | undefined;
  /** A symbol whose every place is lit. */
  readonly symbol: string | undefined;
  /** Names that match a search; undefined when none is under way. */
  readonly found: ReadonlySet<string> | undefined;
  /** Share of the model's time, 0…1, by node name. */
  readonly cost: ReadonlyMap<string, number> | undefined;
  readonly change: ((node: PlacedNode) => "added" | "changed" | "same") | undefined;
  readonly wireChange:
    | ((edge: PlacedEdge) => { readonly before: string; readonly after: string } | undefined)
    | undefined;
  readonly picture: ((edge: PlacedEdge) => Picture | undefined) | undefined;
  /** What a delay keeps, oldest frame first, each -1…1; null where nothing is kept yet. */
  readonly kept: ((node: PlacedNode) => readonly (number | null)[] | undefined) | undefined;
}

/** What flowed on a wire: rows of channels over time, or one line. */
export interface Picture {
  readonly kind: "line" | "heat";
  /** For a line: values over time. For heat: row-major, `columns` frames wide. Scaled to -1…1. */
  readonly values: Float32Array;
  readonly columns: number;
  readonly differs: boolean;
}

export const NO_MARKS: Marks = {
  selected: undefined,
  hovered: undefined,
  symbol: undefined,
  found: undefined,
  cost: undefined,
  change: undefined,
  wireChange: undefined,
  picture: undefined,
  kept: undefined,
};
