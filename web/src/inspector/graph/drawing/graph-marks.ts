import type { PlacedEdge, PlacedNode } from "./placed.js";

/** Marks over a drawing, which change without a new layout. Names are those of the selection. */
export interface Marks {
  readonly selected: string | undefined;
  readonly hovered: string | undefined;
  /** The symbol to highlight everywhere. */
  readonly symbol: string | undefined;
  /** Names that match the search; undefined without a search. */
  readonly found: ReadonlySet<string> | undefined;
  /** Share of the run time, 0 to 1, by node name. */
  readonly cost: ReadonlyMap<string, number> | undefined;
  readonly change: ((node: PlacedNode) => "added" | "changed" | "same") | undefined;
  readonly wireChange:
    | ((edge: PlacedEdge) => { readonly before: string; readonly after: string } | undefined)
    | undefined;
  readonly picture: ((edge: PlacedEdge) => Picture | undefined) | undefined;
  /** State cells of a node, oldest frame first, from -1 to 1; null where nothing is kept yet. */
  readonly kept: ((node: PlacedNode) => readonly (number | null)[] | undefined) | undefined;
}

/** Picture of a wire's values: rows of channels over time, or one line. */
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
