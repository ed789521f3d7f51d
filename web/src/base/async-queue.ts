type Waiting<Value> = {
  resolve(step: IteratorResult<Value, undefined>): void;
  reject(error: unknown): void;
};

const done = { value: undefined, done: true } as const;

/** Values in order, buffered until a `for await` loop asks for them. */
export class AsyncQueue<Value> implements AsyncIterableIterator<Value, undefined> {
  #values: Value[] = [];
  #waiting: Waiting<Value>[] = [];
  #ending: { readonly error?: unknown } | undefined;
  readonly #onExit: (isLeft: boolean) => void;

  /** @param onExit called when the queue ends, with whether its loop was left */
  constructor(onExit: (isLeft: boolean) => void = () => undefined) {
    this.#onExit = onExit;
  }

  /** Values not yet read. */
  get length(): number {
    return this.#values.length;
  }

  push(value: Value): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#values.push(value);
    else next.resolve({ value, done: false });
  }

  clear(): void {
    this.#values = [];
  }

  /** Ends the loop after the buffered values, by throwing `error` where one is given. */
  end(error?: unknown): void {
    this.#finish(error === undefined ? {} : { error }, false);
  }

  next(): Promise<IteratorResult<Value, undefined>> {
    return new Promise((resolve, reject) => {
      if (this.#values.length > 0) resolve({ value: this.#values.shift() as Value, done: false });
      else if (this.#ending === undefined) this.#waiting.push({ resolve, reject });
      else answer({ resolve, reject }, this.#ending);
    });
  }

  async return(): Promise<IteratorResult<Value, undefined>> {
    this.clear();
    this.#finish({}, true);
    return done;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(ending: { readonly error?: unknown }, isLeft: boolean): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    for (const waiting of this.#waiting.splice(0)) answer(waiting, ending);
    this.#onExit(isLeft);
  }
}

function answer<Value>(waiting: Waiting<Value>, ending: { readonly error?: unknown }): void {
  if ("error" in ending) waiting.reject(ending.error);
  else waiting.resolve(done);
}
