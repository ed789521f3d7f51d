import type { SessionEvent } from "./events.js";

/** Buffers events for one `for await` loop. */
export class EventQueue implements AsyncIterableIterator<SessionEvent> {
  readonly #events: SessionEvent[] = [];
  #waiting: ((result: IteratorResult<SessionEvent>) => void)[] = [];
  #isEnded = false;
  readonly #types: ReadonlySet<string> | undefined;
  readonly #onExit: (isLeft: boolean) => void;

  /**
   * @param types of the events to keep; undefined for all
   * @param onExit called when the loop ends, with whether it was left before the session's end
   */
  constructor(types: ReadonlySet<string> | undefined, onExit: (isLeft: boolean) => void) {
    this.#types = types;
    this.#onExit = onExit;
  }

  /** Events not yet read. */
  get length(): number {
    return this.#events.length;
  }

  push(event: SessionEvent): void {
    if (this.#types && !this.#types.has(event.type)) return;
    const next = this.#waiting.shift();
    if (next === undefined) this.#events.push(event);
    else next({ value: event, done: false });
  }

  /** Ends the loop after the buffered events. */
  end(): void {
    this.#finish(false);
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
    this.#finish(!this.#isEnded);
    return Promise.resolve({ value: undefined, done: true });
  }

  #finish(isLeft: boolean): void {
    this.#isEnded = true;
    for (const next of this.#waiting) next({ value: undefined, done: true });
    this.#waiting = [];
    this.#onExit(isLeft);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
