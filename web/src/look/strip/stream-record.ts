import { GrowingArray } from "./growing-array.js";

/** A segment of speech, in samples of the record; without `end` while it is open. */
export interface Span {
  readonly start: number;
  readonly end?: number;
  /** False while it may still turn out to be a misfire. */
  readonly certain: boolean;
}

/** Sound that was captured but not analysed, in samples. */
export interface Gap {
  readonly start: number;
  readonly length: number;
}

export interface StreamFormat {
  /** In Hz. */
  readonly sampleRate: number;
  /** Samples per probability. */
  readonly frameSamples: number;
  /** Samples per run of the engine. */
  readonly pulseSamples: number;
}

/** Smallest and largest sample of each bin, scaled to -127…127. */
export interface Peaks {
  readonly samplesPerBin: number;
  readonly min: ArrayLike<number>;
  readonly max: ArrayLike<number>;
}

/** What the strip draws of one stream: sound, probabilities and segments. */
export class StreamRecord {
  readonly format: StreamFormat;
  readonly samplesPerBin: number;
  readonly low = new GrowingArray(Int8Array);
  readonly high = new GrowingArray(Int8Array);
  readonly probabilities = new GrowingArray(Float32Array);
  readonly gaps: Gap[] = [];
  spans: readonly Span[] = [];
  /** Samples at which the stream was interrupted. */
  interruptions: number[] = [];
  #length = 0;
  #binLow = 0;
  #binHigh = 0;

  constructor(format: StreamFormat, samplesPerBin = 64) {
    this.format = format;
    this.samplesPerBin = samplesPerBin;
  }

  /** Creates the record of a stream that has ended. */
  static recorded(
    format: StreamFormat,
    source: {
      readonly length: number;
      readonly peaks: Peaks;
      readonly probabilities: ArrayLike<number>;
    },
  ): StreamRecord {
    const record = new StreamRecord(format, source.peaks.samplesPerBin);
    for (let bin = 0; bin < source.peaks.min.length; bin++) {
      record.low.push(source.peaks.min[bin] ?? 0);
      record.high.push(source.peaks.max[bin] ?? 0);
    }
    for (let frame = 0; frame < source.probabilities.length; frame++) {
      record.probabilities.push(source.probabilities[frame] ?? 0);
    }
    record.#length = source.length;
    return record;
  }

  /** Samples so far, lost ones included. */
  get length(): number {
    return this.#length;
  }

  get seconds(): number {
    return this.#length / this.format.sampleRate;
  }

  addSound(samples: Float32Array) {
    for (const sample of samples) {
      const level = Math.max(-127, Math.min(127, Math.round(sample * 127)));
      this.#binLow = Math.min(this.#binLow, level);
      this.#binHigh = Math.max(this.#binHigh, level);
      this.#length += 1;
      if (this.#length % this.samplesPerBin === 0) this.#closeBin();
    }
  }

  /** Adds `samples` samples that were not analysed. */
  addGap(samples: number) {
    this.gaps.push({ start: this.#length, length: samples });
    this.#length += samples;
    const bins = Math.floor(this.#length / this.samplesPerBin);
    if (bins > this.low.length) {
      this.low.set(bins - 1, 0);
      this.high.set(bins - 1, 0);
    }
  }

  /** @param frame counted from the start of the record */
  setProbability(frame: number, probability: number) {
    this.probabilities.set(frame, probability);
  }

  markInterruption() {
    this.interruptions.push(this.#length);
  }

  #closeBin() {
    this.low.push(this.#binLow);
    this.high.push(this.#binHigh);
    this.#binLow = 0;
    this.#binHigh = 0;
  }
}
