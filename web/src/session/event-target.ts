import { EventQueue } from "./event-queue.js";
import { type SessionEvent, type SessionEventType, sessionEvent } from "./events.js";
import type { Emit } from "./timeline.js";

type Listener<Type extends SessionEventType> = (event: SessionEvent<Type>) => void;

/** What a session tells: to listeners, typed by the event's name, and to `for await` loops. */
export class SessionEventTarget extends EventTarget {
  readonly #queues = new Set<EventQueue>();
  #over = false;

  /** Every event from now on, for a `for await` loop; it ends with the session. */
  events(): AsyncIterableIterator<SessionEvent> {
    const queue = new EventQueue((left) => this.#queues.delete(left));
    if (this.#over) queue.end();
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

  /** @internal Events the slowest loop has not yet taken. */
  protected get backlog(): number {
    return Math.max(0, ...[...this.#queues].map((queue) => queue.length));
  }

  /** @internal */
  protected readonly emit: Emit = (type, detail) => {
    const event = sessionEvent(type, detail);
    for (const queue of this.#queues) queue.push(event as SessionEvent);
    this.dispatchEvent(event);
  };

  /** @internal No more events come: loops end. */
  protected endQueues(): void {
    this.#over = true;
    for (const queue of [...this.#queues]) queue.end();
  }
}
