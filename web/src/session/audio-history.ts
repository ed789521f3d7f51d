/** Sound kept for later reads, addressed by sample of the session. */
export class AudioHistory {
  #chunks: { readonly start: number; readonly samples: Float32Array }[] = [];
  #end = 0;

  /** Samples pushed or skipped so far. */
  get end(): number {
    return this.#end;
  }

  push(samples: Float32Array): void {
    this.#chunks.push({ start: this.#end, samples });
    this.#end += samples.length;
  }

  /** Accounts for lost samples: they read as zeros and take no memory. */
  skip(samples: number): void {
    this.#end += samples;
  }

  /** Copies samples `start` to `end`, without those already forgotten or not yet pushed. */
  slice(
    start: number,
    end: number,
  ): { readonly start: number; readonly samples: Float32Array<ArrayBuffer> } {
    const from = Math.max(start, this.#chunks[0]?.start ?? this.#end, 0);
    const to = Math.max(from, Math.min(end, this.#end));
    const samples = new Float32Array(to - from);
    for (const chunk of this.#chunks.slice(this.#firstAfter(from))) {
      if (chunk.start >= to) break;
      const skip = Math.max(0, from - chunk.start);
      const part = chunk.samples.subarray(skip, Math.max(skip, to - chunk.start));
      samples.set(part, chunk.start + skip - from);
    }
    return { start: from, samples };
  }

  /** Drops chunks that end before `start`. */
  forget(start: number): void {
    const unused = this.#firstAfter(start);
    if (unused > 0) this.#chunks.splice(0, unused);
  }

  /** Index of the first chunk that ends after sample `at`. */
  #firstAfter(at: number): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const chunk = this.#chunks[middle];
      if (chunk !== undefined && chunk.start + chunk.samples.length <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
