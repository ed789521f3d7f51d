import { EventQueue } from "./event-queue.js";
import { type SessionEvent, type SessionEventType, sessionEvent } from "./events.js";
import type { Emit } from "./timeline.js";

type Listener<Type extends SessionEventType> = (event: SessionEvent<Type>) => void;

/** Dispatches a session's events to listeners, typed by event name, and to `for await` loops. */
export class SessionEventTarget extends EventTarget {
  readonly #queues = new Set<EventQueue>();
  #isEnded = false;

  /** Iterates over every event from now on; ends with the session. */
  events(): AsyncIterableIterator<SessionEvent> {
    const queue = new EventQueue((ended) => this.#queues.delete(ended));
    if (this.#isEnded) queue.end();
    else this.#queues.add(queue);
    return queue;
  }

  override addEventListener<Type extends SessionEventType>(
    type: Type,
    listener: Listener<Type> | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: AddEventListenerOptions | boolean,
  ): void;
  override addEventListener(
    type: string,
    listener: unknown,
    options?: AddEventListenerOptions | boolean,
  ): void {
    super.addEventListener(type, listener as EventListener, options);
  }

  override removeEventListener<Type extends SessionEventType>(
    type: Type,
    listener: Listener<Type> | null,
    options?: EventListenerOptions | boolean,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: EventListenerOptions | boolean,
  ): void;
  override removeEventListener(
    type: string,
    listener: unknown,
    options?: EventListenerOptions | boolean,
  ): void {
    super.removeEventListener(type, listener as EventListener, options);
  }

  /** @internal Events that the slowest loop has not read yet. */
  protected get backlog(): number {
    return Math.max(0, ...[...this.#queues].map((queue) => queue.length));
  }

  /** @internal */
  protected readonly emit: Emit = (type, detail) => {
    const event = sessionEvent(type, detail);
    for (const queue of this.#queues) queue.push(event as SessionEvent);
    this.dispatchEvent(event);
  };

  /** @internal Ends every loop: no event follows. */
  protected endQueues(): void {
    this.#isEnded = true;
    for (const queue of [...this.#queues]) queue.end();
  }
}
