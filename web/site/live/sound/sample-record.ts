import { type Peaks, StreamRecord } from "nnef-pulse/look";

/** `sample/sample.json`: the model's result for the sample, recorded when the site was built. */
export interface SampleRecord {
  readonly sampleRate: number;
  readonly frameSamples: number;
  /** In samples. */
  readonly length: number;
  readonly probabilities: readonly number[];
  readonly segments: readonly { readonly start: number; readonly end: number }[];
  readonly peaks: Peaks;
}

/** The sample's sound file. */
export async function fetchSample(): Promise<Blob> {
  const response = await fetch("./sample/sample.wav");
  if (!response.ok)
    throw new Error(`The sample could not be fetched: the server answered ${response.status}`);
  return response.blob();
}

/**
 * The recorded result of the sample; undefined if the site was built without it.
 * @param folder of the sample, relative to the document
 */
export async function fetchRecord(folder = "./sample/"): Promise<SampleRecord | undefined> {
  try {
    const response = await fetch(`${folder}sample.json`);
    return response.ok ? ((await response.json()) as SampleRecord) : undefined;
  } catch {
    return undefined;
  }
}

export function recordOf(sample: SampleRecord): StreamRecord {
  const { sampleRate, frameSamples } = sample;
  const format = { sampleRate, frameSamples, pulseSamples: frameSamples };
  const record = StreamRecord.recorded(format, sample);
  record.spans = sample.segments.map((segment) => ({ ...segment, certain: true }));
  return record;
}
