import type { Range } from "../nnef/syntax.js";

/** Name of a tensor in the graph: that of the assignment that makes it. */
export type WireName = string;

/** One use of a wire by a node. */
export interface Input {
  /** Name of the parameter, e.g. `filter`, or `xt_Wi_t` for an input of a scan's body. */
  readonly role: string;
  readonly wire: WireName;
}

export interface Attribute {
  readonly name: string;
  /** Source text, with whitespace collapsed. */
  readonly text: string;
}

/** State that a node keeps between pulses, in frames of its own input. */
export type Memory =
  | {
      readonly kind: "delay";
      readonly axis: number;
      readonly delay: number;
      readonly overlap: number;
    }
  | { readonly kind: "scan" | "cache" | "counter" };

/** A weight or literal. */
export interface Constant {
  /** File name in the archive, for a weight. */
  readonly label: string | undefined;
  readonly shape: readonly number[] | undefined;
  /** Source text, for a literal. */
  readonly text: string | undefined;
}

/** One operation of the text, before folding. */
export interface RawNode {
  /** Its first output wire. Nested expressions append `·1`, `·2`… */
  readonly id: string;
  readonly op: string;
  readonly inputs: readonly Input[];
  readonly attributes: readonly Attribute[];
  readonly outputs: readonly WireName[];
  readonly range: Range;
  /** Set for weights, literals and what is computed from those alone (then empty). */
  readonly constant: Constant | undefined;
  readonly memory: Memory | undefined;
  /** The fragment of this text that it runs; its body can be opened. */
  readonly fragment: string | undefined;
}

/** The graph, or one fragment's body. */
export interface Scope {
  /** Empty for the graph. */
  readonly name: string;
  readonly nodes: readonly RawNode[];
  readonly inputs: readonly WireName[];
  readonly outputs: readonly WireName[];
  /** Further names of wires. */
  readonly aliases: ReadonlyMap<string, WireName>;
}
