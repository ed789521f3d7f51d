import type { OutputTiming, Pulse } from "./manifest.js";

/**
 * How one output of a pulsed form lags: by its entry in the manifest, or else by the archive's own delays.
 * @param at position of the output among the model's
 * @param delays `pulse.delay` of the archive: one for each output
 */
export function outputTiming(
  form: Partial<Pick<Pulse, "delay" | "warmUp" | "outputs">> | undefined,
  { name, at }: { readonly name: string; readonly at: number },
  delays: readonly number[],
): Pick<OutputTiming, "delay" | "warmUp"> {
  const timing = form?.outputs?.find((each) => each.name === name);
  return {
    delay: timing?.delay ?? delays[at] ?? form?.delay ?? 0,
    warmUp: timing?.warmUp ?? form?.warmUp ?? 0,
  };
}
