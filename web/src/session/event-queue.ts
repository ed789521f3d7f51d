import type { SessionEvent } from "./events.js";

/** The events of one `for await` loop, kept until it asks for them. */
export class EventQueue implements AsyncIterableIterator<SessionEvent> {
  readonly #events: SessionEvent[] = [];
  #waiting: ((result: IteratorResult<SessionEvent>) => void)[] = [];
  #over = false;
  readonly #left: (queue: EventQueue) => void;

  /** @param left called once, when the loop is left */
  constructor(left: (queue: EventQueue) => void) {
    this.#left = left;
  }

  /** Events not yet asked for. */
  get length(): number {
    return this.#events.length;
  }

  push(event: SessionEvent): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#events.push(event);
    else next({ value: event, done: false });
  }

  /** No more events come. */
  end(): void {
    this.#over = true;
    for (const next of this.#waiting) next({ value: undefined, done: true });
    this.#waiting = [];
    this.#left(this);
  }

  next(): Promise<IteratorResult<SessionEvent>> {
    const event = this.#events.shift();
    if (event !== undefined) return Promise.resolve({ value: event, done: false });
    if (this.#over) return Promise.resolve({ value: undefined, done: true });
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
