import { InspectError } from "../../base/inspect-error.js";
import { totals } from "../../model/describe.js";
import type { ModelView } from "../../model/view.js";

/**
 * Checks that all weights are present: the engine loads no model without them.
 *
 * @throws InspectError `tensor-missing` if the archive lacks weights that the text names
 */
export function checkWeights(view: ModelView) {
  const { missing } = totals(view);
  if (missing === 0) return;
  const what = missing === 1 ? "1 weight is" : `${missing} weights are`;
  throw new InspectError(
    `${what} not in this archive: the model can be read, but not run`,
    "tensor-missing",
  );
}
