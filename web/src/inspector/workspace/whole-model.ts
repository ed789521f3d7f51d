import type { RemoteModel } from "tract-wasm/worker";
import { InspectError } from "../../base/inspect-error.js";
import { propertiesOf } from "../../model/properties.js";
import { checkWeights } from "./check-weights.js";
import type { PulseChoice, Workspace } from "./workspace.js";

const WHOLE = "model.nnef.tgz";
/** Taken where neither the bundle nor the person says one. */
const FIRST_PULSE = 8;

/**
 * The whole model behind what is open, in the engine: itself, or the one its pulsed form was made of.
 *
 * @throws TractError, BundleError; InspectError `source` where a pulsed archive stands alone,
 *   `tensor-missing` where weights are
 */
export async function wholeModel({ subject, bytes, view, link }: Workspace): Promise<RemoteModel> {
  if (!subject || !bytes || !view) throw new InspectError("nothing is open", "source");
  const isPulsed = propertiesOf(view.document, view.text).has("pulse.delay");
  const whole = isPulsed ? await subject.read(WHOLE) : bytes;
  if (whole === bytes) checkWeights(view);
  if (whole) return link.load(whole);
  throw new InspectError(
    "this is a pulsed model, and the whole one it was made from is not at hand: open the bundle's folder",
    "source",
  );
}

/** What to pulse at first: what the person chose, else the bundle's own, else what looks like time. */
export function firstChoice(
  { subject, choice }: Workspace,
  model: RemoteModel,
): PulseChoice | undefined {
  if (choice && model.symbols.includes(choice.symbol)) return choice;
  const manifest = subject?.bundle?.manifest;
  const made = manifest?.pulses[0];
  if (made) return { symbol: made.symbol, pulse: made.pulse };
  // A bundle that was made without a pulsed form has nothing that streams.
  if (manifest) return undefined;
  const symbol = model.symbols.find((each) => each !== "B");
  return symbol === undefined ? undefined : { symbol, pulse: FIRST_PULSE };
}
