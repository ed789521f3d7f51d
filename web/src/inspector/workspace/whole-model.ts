import type { RemoteModel } from "tract-wasm/worker";
import { InspectError } from "../../base/inspect-error.js";
import { propertiesOf } from "../../model/properties.js";
import { checkWeights } from "./check-weights.js";
import type { PulseChoice, Workspace } from "./workspace.js";

const WHOLE = "model.nnef.tgz";
/** Pulse size where neither the bundle nor the user gives one. */
const FIRST_PULSE = 8;

/**
 * Loads the whole model in the engine: the open one, or the one from which the open pulsed one was made.
 *
 * @throws TractError, BundleError; InspectError `source` if a pulsed archive has no bundle, `tensor-missing` if
 *   weights are missing
 */
export async function wholeModel({ subject, bytes, view, link }: Workspace): Promise<RemoteModel> {
  if (!subject || !bytes || !view) throw new InspectError("no model is open", "source");
  const isPulsed = propertiesOf(view.document, view.text).has("pulse.delay");
  const whole = isPulsed ? await subject.read(WHOLE) : bytes;
  if (whole === bytes) checkWeights(view);
  if (whole) return link.load(whole);
  throw new InspectError(
    "this is a pulsed model, and its whole model is not available: open the bundle's folder",
    "source",
  );
}

/** Initial pulse: the user's choice, else the bundle's, else the first symbol other than B. */
export function firstChoice(
  { subject, choice }: Workspace,
  model: RemoteModel,
): PulseChoice | undefined {
  if (choice && model.symbols.includes(choice.symbol)) return choice;
  const manifest = subject?.bundle?.manifest;
  const made = manifest?.pulses[0];
  if (made) return { symbol: made.symbol, pulse: made.pulse };
  // A bundle without a pulsed form cannot stream.
  if (manifest) return undefined;
  const symbol = model.symbols.find((each) => each !== "B");
  return symbol === undefined ? undefined : { symbol, pulse: FIRST_PULSE };
}
