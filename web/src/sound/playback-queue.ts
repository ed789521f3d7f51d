/** Sound that waits to be played on the audio thread: it arrives a pulse at a time, and is asked for in small blocks. */
export class PlaybackQueue {
  readonly #lead: number;
  #chunks: Float32Array[] = [];
  /** Samples of the first chunk that were played. */
  #played = 0;
  #length = 0;
  /** Whether it waits for `lead` samples: at the start, and after it ran empty. */
  #isFilling = true;

  /** @param lead samples to gather before playing, so that the next pulse arrives in time */
  constructor(lead: number) {
    this.#lead = lead;
  }

  /** Sound that came too late to be played is left out, the oldest first: latency does not grow. */
  push(samples: Float32Array): void {
    this.#chunks.push(samples);
    this.#length += samples.length;
    if (this.#length > 4 * this.#lead + samples.length) this.#skip(this.#length - this.#lead);
  }

  /** Fills `block`, with silence where no sound has come yet. */
  play(block: Float32Array): void {
    if (this.#isFilling && this.#length < this.#lead) return;
    this.#isFilling = this.#length < block.length;
    for (let filled = 0; filled < block.length && this.#length > 0; ) {
      const [chunk] = this.#chunks as [Float32Array];
      const part = chunk.subarray(this.#played, this.#played + block.length - filled);
      block.set(part, filled);
      filled += part.length;
      this.#skip(part.length);
    }
  }

  #skip(samples: number): void {
    this.#played += samples;
    this.#length -= samples;
    for (let first = this.#chunks[0]; first && this.#played >= first.length; ) {
      this.#played -= first.length;
      this.#chunks.shift();
      first = this.#chunks[0];
    }
  }
}
