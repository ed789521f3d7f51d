import { propertiesOf } from "../../model/properties.js";
import type { RawNode } from "../../model/raw-graph.js";
import type { ModelView } from "../../model/view.js";

/** What only moves axes. */
const MOVING: ReadonlySet<string> = new Set(["transpose", "squeeze", "unsqueeze"]);
const TRANSPOSED: ReadonlySet<string> = new Set(["transposeA", "transposeB", "transposeC"]);

/**
 * The order of axes is the engine's own choice, made anew each time it rewrites a model: between a
 * pulsed form and another it says nothing of pulsing. A comparison without it leaves these out.
 */
export interface Layout {
  /** A node that only moves axes, or a literal, which has a name for each of its shapes. */
  node(node: RawNode): boolean;
  /** An attribute that says which way round a product is written. */
  attribute(node: RawNode, name: string): boolean;
  /** A weight's fact: its values are compared by nobody here, its axes of size 1 come and go. */
  fact(node: RawNode): boolean;
}

/** What two models differ by in layout alone, if one is pulsed and the other is not. */
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
