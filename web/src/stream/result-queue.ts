import type { StreamResult } from "./output-trimmer.js";

type Entry =
  | { readonly type: "result"; readonly result: StreamResult }
  /** The signal ended here. A loop over the results ends with it. */
  | { readonly type: "end" }
  | { readonly type: "error"; readonly error: unknown };

interface Reader {
  resolve(result: IteratorResult<StreamResult>): void;
  reject(error: unknown): void;
}

/** Results in order, kept until a loop asks for them. */
export class ResultQueue {
  #entries: Entry[] = [];
  #readers: Reader[] = [];
  /** What every later request is answered by. */
  #last: Entry | undefined;
  readonly #taken: () => void;

  /** @param taken called when a result has left the queue */
  constructor(taken: () => void) {
    this.#taken = taken;
  }

  /** Results not yet asked for. */
  get length(): number {
    return this.#entries.length;
  }

  push(result: StreamResult): void {
    this.#add({ type: "result", result });
  }

  /** Ends the loop that reads this signal. A signal that gave nothing ends a loop too. */
  end(): void {
    this.#add({ type: "end" });
  }

  /** No more results come: loops end, or throw `error` after the results that are left. */
  close(error?: unknown): void {
    if (this.#last !== undefined) return;
    this.#last = error === undefined ? { type: "end" } : { type: "error", error };
    for (const reader of this.#readers.splice(0)) answer(reader, this.#last);
  }

  clear(): void {
    this.#entries = [];
  }

  /** A loop over the results of one signal. Leaving it leaves the rest to the next loop. */
  read(): AsyncIterableIterator<StreamResult> {
    let over = false;
    const finish = (step: IteratorResult<StreamResult>) => {
      over ||= step.done === true;
      return step;
    };
    const loop: AsyncIterableIterator<StreamResult> = {
      next: async () => (over ? done : finish(await this.#next())),
      return: async () => finish(done),
      [Symbol.asyncIterator]: () => loop,
    };
    return loop;
  }

  #next(): Promise<IteratorResult<StreamResult>> {
    return new Promise((resolve, reject) => {
      const entry = this.#entries.shift() ?? this.#last;
      if (entry === undefined) this.#readers.push({ resolve, reject });
      else {
        answer({ resolve, reject }, entry);
        this.#taken();
      }
    });
  }

  #add(entry: Entry): void {
    const reader = this.#readers.shift();
    if (reader === undefined) this.#entries.push(entry);
    else answer(reader, entry);
  }
}

const done: IteratorResult<StreamResult> = { value: undefined, done: true };

function answer(reader: Reader, entry: Entry): void {
  if (entry.type === "error") reader.reject(entry.error);
  else if (entry.type === "end") reader.resolve(done);
  else reader.resolve({ value: entry.result, done: false });
}
