/** Sound that may still be asked for, addressed by sample of the session. */
export class History {
  #chunks: { readonly start: number; readonly samples: Float32Array }[] = [];
  #end = 0;

  /** Samples that went in so far. */
  get end(): number {
    return this.#end;
  }

  push(samples: Float32Array): void {
    this.#chunks.push({ start: this.#end, samples });
    this.#end += samples.length;
  }

  /** Stands in for sound that was lost: it reads as zeros and takes no memory. */
  skip(samples: number): void {
    this.#end += samples;
  }

  /** A copy of samples `start` to `end`; what is not there any more is left off the beginning, what is not yet, off the end. */
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

  /** Lets go of what lies wholly before `start`. */
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
