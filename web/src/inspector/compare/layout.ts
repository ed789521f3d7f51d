import { propertiesOf } from "../../model/properties.js";
import type { RawNode } from "../../model/raw-graph.js";
import type { ModelView } from "../../model/view.js";

/** Operations that only move axes. */
const MOVING: ReadonlySet<string> = new Set(["transpose", "squeeze", "unsqueeze"]);
const TRANSPOSED: ReadonlySet<string> = new Set(["transposeA", "transposeB", "transposeC"]);

/**
 * The order of axes is the engine's own choice, made anew each time it rewrites a model: between a
 * pulsed form and another it says nothing of pulsing. A comparison without it leaves these out.
 */
export interface Layout {
  /** Nodes that only move axes, and literals, which are named by their shape. */
  node(node: RawNode): boolean;
  /** Attributes for the orientation of a matrix product. */
  attribute(node: RawNode, name: string): boolean;
  /** Facts of weights: values are not compared, and axes of size 1 vary. */
  fact(node: RawNode): boolean;
}

/** Ignores differences in layout if one of the models is pulsed and the other is not. */
export function layoutOf(before: ModelView, after: ModelView): Layout {
  const chosenAnew = pulsed(before) !== pulsed(after);
  return {
    node: ({ op, inputs }) =>
      chosenAnew && ((MOVING.has(op) && inputs.length === 1) || op === "constant"),
    attribute: ({ op }, name) => chosenAnew && op === "matmul" && TRANSPOSED.has(name),
    fact: ({ op }) => chosenAnew && op === "variable",
  };
}

const pulsed = ({ document, text }: ModelView): boolean =>
  propertiesOf(document, text).has("pulse.delay");
