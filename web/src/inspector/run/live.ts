import type { Bundle } from "../../bundle/load.js";
import type { BundleManifest } from "../../bundle/manifest.js";

/** A running stream that can be looked into: `Session` of this package. It sends `values` and `end`. */
export interface LiveSource extends EventTarget {
  readonly manifest: BundleManifest;
  /** Whether it sends what every node gives at each pulse. */
  watchValues(on: boolean): void;
  /** Empties what the model remembers. */
  reset(): void;
}

/** Whether a stream runs the model of this bundle: the same pulsed archive, byte for byte. */
export function runs({ manifest }: LiveSource, bundle: Bundle | undefined): boolean {
  const digest = ({ files, pulses }: BundleManifest) =>
    files.find(({ path }) => path === pulses[0]?.file)?.sha256;
  const ours = bundle && digest(bundle.manifest);
  return ours !== undefined && ours === digest(manifest);
}

/** A stream, what it is called, and how it is let go of. */
export interface Live {
  readonly source: LiveSource;
  readonly name: string;
  close(): void;
}

/**
 * Asks for the microphone and has the bundle's model hear it. Call it from a click.
 *
 * @throws BundleError, EngineError, CaptureError
 */
export async function listen(bundle: Bundle): Promise<Live> {
  const { Vad } = await import("./vad-on-demand.js");
  const vad = await Vad.open({ bundle: bundle.url(".") });
  try {
    const source = await vad.listen();
    return { source, name: "microphone", close: () => void vad.close() };
  } catch (error) {
    await vad.close();
    throw error;
  }
}
