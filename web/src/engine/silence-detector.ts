const SECONDS = 2;

/** Detects a microphone that sends only exact zeros, as a muted one does. */
export class SilenceDetector {
  readonly #limit: number;
  readonly #onChange: (isSilent: boolean) => void;
  #zeros = 0;

  /** @param inputRate in Hz */
  constructor(inputRate: number, onChange: (isSilent: boolean) => void) {
    this.#limit = SECONDS * inputRate;
    this.#onChange = onChange;
  }

  push(samples: Float32Array): void {
    const wasSilent = this.#zeros >= this.#limit;
    let last = samples.length - 1;
    while (last >= 0 && samples[last] === 0) last -= 1;
    this.#zeros = last < 0 ? this.#zeros + samples.length : samples.length - 1 - last;
    const isSilent = this.#zeros >= this.#limit;
    // A block that contains sound ends a silence even if it ends in zeros.
    if (isSilent && !wasSilent) this.#onChange(true);
    else if (wasSilent && last >= 0) this.#onChange(false);
  }
}
