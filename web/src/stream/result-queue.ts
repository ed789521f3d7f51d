import { AsyncQueue } from "../base/async-queue.js";
import type { StreamResult } from "./output-trimmer.js";

const done: IteratorResult<StreamResult> = { value: undefined, done: true };

/** Results in order, kept until a loop asks for them. */
export class ResultQueue {
  /** `undefined` ends a signal, and the loop that reads it. */
  readonly #queue = new AsyncQueue<StreamResult | undefined>();
  readonly #taken: () => void;

  /** @param taken called when a result has left the queue */
  constructor(taken: () => void) {
    this.#taken = taken;
  }

  /** Results not yet asked for. */
  get length(): number {
    return this.#queue.length;
  }

  push(result: StreamResult): void {
    this.#queue.push(result);
  }

  /** Ends the loop that reads this signal. A signal that gave nothing ends a loop too. */
  end(): void {
    this.#queue.push(undefined);
  }

  /** No more results come: loops end, or throw `error` after the results that are left. */
  close(error?: unknown): void {
    this.#queue.end(error);
  }

  clear(): void {
    this.#queue.clear();
  }

  /** A loop over the results of one signal. Leaving it leaves the rest to the next loop. */
  read(): AsyncIterableIterator<StreamResult> {
    let isOver = false;
    const loop: AsyncIterableIterator<StreamResult> = {
      next: async () => {
        if (isOver) return done;
        const { value } = await this.#queue.next();
        this.#taken();
        isOver = value === undefined;
        return value === undefined ? done : { value, done: false };
      },
      return: async () => {
        isOver = true;
        return done;
      },
      [Symbol.asyncIterator]: () => loop,
    };
    return loop;
  }
}
