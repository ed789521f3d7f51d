import { InspectError } from "../../base/inspect-error.js";
import { totals } from "../../model/describe.js";
import type { ModelView } from "../../model/view.js";

/**
 * The engine loads no model without its weights; all else of it can be read.
 *
 * @throws InspectError `tensor-missing` where the text names weights that the archive lacks
 */
export function checkWeights(view: ModelView) {
  const { missing } = totals(view);
  if (missing === 0) return;
  const what = missing === 1 ? "1 weight is" : `${missing} weights are`;
  throw new InspectError(
    `${what} not in this archive: it can be read, but not run`,
    "tensor-missing",
  );
}
