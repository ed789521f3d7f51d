/** A value that several owners share. It is made for the first and freed after the last. */
export class SharedPool<Value> {
  readonly #free: (value: Value) => void;
  readonly #entries = new Map<string, { readonly made: Promise<Value>; owners: number }>();

  constructor(free: (value: Value) => void) {
    this.#free = free;
  }

  /** Waits for the value of `key`. The caller calls `release` once, whether it was made or not. */
  acquire(key: string, make: () => Promise<Value>): Lease<Value> {
    const entry = this.#entries.get(key) ?? { made: make(), owners: 0 };
    this.#entries.set(key, entry);
    entry.owners += 1;
    // A value that could not be made is made again for the next owner.
    entry.made.catch(() => this.#forget(key, entry));
    let released = false;
    return {
      value: entry.made,
      evict: () => this.#forget(key, entry),
      release: () => {
        if (released) return;
        released = true;
        entry.owners -= 1;
        if (entry.owners > 0) return;
        this.#forget(key, entry);
        entry.made.then(this.#free, () => undefined);
      },
    };
  }

  #forget(key: string, entry: object): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}

/** One owner's part in a shared value. */
export interface Lease<Value> {
  readonly value: Promise<Value>;
  /** Keeps the value from new owners: it is broken. */
  evict(): void;
  /** May be called twice. */
  release(): void;
}
