import type { Range } from "../nnef/syntax.js";

/** A tensor that flows: named by the assignment that makes it. */
export type WireName = string;

/** One use of a wire by a node. */
export interface Input {
  /** The parameter's name, e.g. `filter`; `xt_Wi_t` for what a scan hands to its body. */
  readonly role: string;
  readonly wire: WireName;
}

export interface Attribute {
  readonly name: string;
  /** As written, blanks folded. */
  readonly text: string;
}

/** What a node keeps between pulses. Frames are those of its own input. */
export type Memory =
  | {
      readonly kind: "delay";
      readonly axis: number;
      readonly delay: number;
      readonly overlap: number;
    }
  | { readonly kind: "scan" | "cache" | "counter" };

/** A weight or literal, known before anything flows. */
export interface Constant {
  /** Its file's name in the archive, for a weight. */
  readonly label: string | undefined;
  readonly shape: readonly number[] | undefined;
  /** The literal itself, for what is written in the text. */
  readonly text: string | undefined;
}

/** One operation of the text, before anything is folded. */
export interface RawNode {
  /** The first wire it makes; what is nested inside an expression adds `·1`, `·2`… */
  readonly id: string;
  readonly op: string;
  readonly inputs: readonly Input[];
  readonly attributes: readonly Attribute[];
  readonly outputs: readonly WireName[];
  readonly range: Range;
  /** For a weight or literal, and what is computed from those alone (then empty). */
  readonly constant: Constant | undefined;
  readonly memory: Memory | undefined;
  /** The fragment of the same text it runs: its body can be opened. */
  readonly fragment: string | undefined;
}

/** The graph, or one fragment's body. */
export interface Scope {
  /** Empty for the graph. */
  readonly name: string;
  readonly nodes: readonly RawNode[];
  readonly inputs: readonly WireName[];
  readonly outputs: readonly WireName[];
  /** Names that are only other names for a wire. */
  readonly aliases: ReadonlyMap<string, WireName>;
}
