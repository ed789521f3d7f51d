import type { Bundle } from "../../bundle/load.js";
import type { BundleManifest } from "../../bundle/manifest.js";

/** A running session whose values can be shown, such as a `Session`. It sends `values` and `end` events. */
export interface LiveSource extends EventTarget {
  readonly manifest: BundleManifest;
  /** Turns `values` events on or off. */
  watchValues(on: boolean): void;
  /** Resets the model's state. */
  reset(): void;
}

/** Whether a session runs the bundle's model: its pulsed archive has the same checksum. */
export function isSameModel({ manifest }: LiveSource, bundle: Bundle | undefined): boolean {
  const digest = ({ files, pulses }: BundleManifest) =>
    files.find(({ path }) => path === pulses[0]?.file)?.sha256;
  const digestHere = bundle && digest(bundle.manifest);
  return digestHere !== undefined && digestHere === digest(manifest);
}

/** A session, its name on the page, and how to close it. */
export interface LiveSession {
  readonly source: LiveSource;
  readonly name: string;
  close(): void;
}

/**
 * Opens the microphone and runs the bundle's model on it. Call it from a click handler.
 *
 * @throws BundleError, EngineError, CaptureError
 */
export async function listen(bundle: Bundle): Promise<LiveSession> {
  const { Vad } = await import("./vad-on-demand.js");
  const vad = await Vad.open({ bundle });
  try {
    const source = await vad.listen();
    return { source, name: "microphone", close: () => void vad.close() };
  } catch (error) {
    await vad.close();
    throw error;
  }
}
