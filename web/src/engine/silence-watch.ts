const SECONDS = 2;

/** Notices a microphone that sends nothing but exact zeros, as muted ones do, and when it no longer does. */
export class SilenceWatch {
  readonly #limit: number;
  readonly #tell: (silent: boolean) => void;
  #zeros = 0;

  /** @param inputRate in Hz */
  constructor(inputRate: number, tell: (silent: boolean) => void) {
    this.#limit = SECONDS * inputRate;
    this.#tell = tell;
  }

  hear(samples: Float32Array): void {
    const was = this.#zeros >= this.#limit;
    let last = samples.length - 1;
    while (last >= 0 && samples[last] === 0) last -= 1;
    this.#zeros = last < 0 ? this.#zeros + samples.length : samples.length - 1 - last;
    const is = this.#zeros >= this.#limit;
    // A block with sound in it ends a silence even if it begins another one.
    if (is && !was) this.#tell(true);
    else if (was && last >= 0) this.#tell(false);
  }
}
