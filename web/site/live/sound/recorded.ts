import { type Peaks, Take } from "nnef-pulse/look";

/** `sample/sample.json`: what the model found in the sample when the site was built. */
export interface SampleRecord {
  readonly sampleRate: number;
  readonly frameSamples: number;
  /** In samples. */
  readonly length: number;
  readonly probabilities: readonly number[];
  readonly segments: readonly { readonly start: number; readonly end: number }[];
  readonly peaks: Peaks;
}

/** The sample's sound, as it was recorded. */
export async function fetchSample(): Promise<Blob> {
  const response = await fetch("./sample/sample.wav");
  if (!response.ok) throw new Error(`The sample could not be fetched: ${response.status}`);
  return response.blob();
}

/**
 * The recorded result of the sample; undefined where the site was built without it.
 * @param folder the sample's, relative to the document
 */
export async function fetchRecord(folder = "./sample/"): Promise<SampleRecord | undefined> {
  try {
    const response = await fetch(`${folder}sample.json`);
    return response.ok ? ((await response.json()) as SampleRecord) : undefined;
  } catch {
    return undefined;
  }
}

export function recordedTake(record: SampleRecord): Take {
  const { sampleRate, frameSamples } = record;
  const take = Take.recorded({ sampleRate, frameSamples, pulseSamples: frameSamples }, record);
  take.spans = record.segments.map((segment) => ({ ...segment, certain: true }));
  return take;
}
