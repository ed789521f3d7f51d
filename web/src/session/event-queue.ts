import type { SessionEvent } from "./events.js";

/** Buffers events for one `for await` loop. */
export class EventQueue implements AsyncIterableIterator<SessionEvent> {
  readonly #events: SessionEvent[] = [];
  #waiting: ((result: IteratorResult<SessionEvent>) => void)[] = [];
  #isEnded = false;
  readonly #onExit: (queue: EventQueue) => void;

  /** @param onExit called when the loop ends */
  constructor(onExit: (queue: EventQueue) => void) {
    this.#onExit = onExit;
  }

  /** Events not yet read. */
  get length(): number {
    return this.#events.length;
  }

  push(event: SessionEvent): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#events.push(event);
    else next({ value: event, done: false });
  }

  /** Ends the loop after the buffered events. */
  end(): void {
    this.#isEnded = true;
    for (const next of this.#waiting) next({ value: undefined, done: true });
    this.#waiting = [];
    this.#onExit(this);
  }

  next(): Promise<IteratorResult<SessionEvent>> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ value: event, done: false });
    if (this.#isEnded) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  return(): Promise<IteratorResult<SessionEvent>> {
    this.#events.length = 0;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
