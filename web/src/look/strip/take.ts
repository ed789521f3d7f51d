import { Series } from "./series.js";

/** A stretch of speech in samples from the take's start; `end` is absent while it is still open. */
export interface Span {
  readonly start: number;
  readonly end?: number;
  /** False while the rules may still take it back. */
  readonly certain: boolean;
}

/** Sound that reached the page and was not analysed, in samples. */
export interface Gap {
  readonly start: number;
  readonly length: number;
}

export interface TakeFormat {
  /** Samples per second of the model. */
  readonly sampleRate: number;
  /** Samples one probability stands for. */
  readonly frameSamples: number;
  /** Samples one run of the engine takes in. */
  readonly pulseSamples: number;
}

/** Smallest and largest sample of each bin, scaled to -127…127. */
export interface Peaks {
  readonly samplesPerBin: number;
  readonly min: ArrayLike<number>;
  readonly max: ArrayLike<number>;
}

/** Everything the strip draws of one stream: its sound, its probabilities and what was found. */
export class Take {
  readonly format: TakeFormat;
  readonly samplesPerBin: number;
  readonly low = new Series(Int8Array);
  readonly high = new Series(Int8Array);
  readonly probabilities = new Series(Float32Array);
  readonly gaps: Gap[] = [];
  spans: readonly Span[] = [];
  /** Where the stream broke off, in samples. */
  torn: number[] = [];
  #length = 0;
  #binLow = 0;
  #binHigh = 0;

  constructor(format: TakeFormat, samplesPerBin = 64) {
    this.format = format;
    this.samplesPerBin = samplesPerBin;
  }

  /** A finished take from what was computed before. */
  static recorded(
    format: TakeFormat,
    record: {
      readonly length: number;
      readonly peaks: Peaks;
      readonly probabilities: ArrayLike<number>;
    },
  ): Take {
    const take = new Take(format, record.peaks.samplesPerBin);
    for (let bin = 0; bin < record.peaks.min.length; bin++) {
      take.low.push(record.peaks.min[bin] ?? 0);
      take.high.push(record.peaks.max[bin] ?? 0);
    }
    for (let frame = 0; frame < record.probabilities.length; frame++) {
      take.probabilities.push(record.probabilities[frame] ?? 0);
    }
    take.#length = record.length;
    return take;
  }

  /** Samples heard so far. */
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

  /** `samples` samples went by without being analysed. */
  addGap(samples: number) {
    this.gaps.push({ start: this.#length, length: samples });
    this.#length += samples;
    const bins = Math.floor(this.#length / this.samplesPerBin);
    if (bins > this.low.length) {
      this.low.set(bins - 1, 0);
      this.high.set(bins - 1, 0);
    }
  }

  /** `frame` counts from the take's start. */
  setProbability(frame: number, probability: number) {
    this.probabilities.set(frame, probability);
  }

  tear() {
    this.torn.push(this.#length);
  }

  #closeBin() {
    this.low.push(this.#binLow);
    this.high.push(this.#binHigh);
    this.#binLow = 0;
    this.#binHigh = 0;
  }
}
