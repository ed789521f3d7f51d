import { AsyncQueue } from "../base/async-queue.js";
import { type SessionEvent, type SessionEventType, sessionEvent } from "./events.js";
import type { Emit } from "./timeline.js";

type ListenerMethod<Options> = <Type extends SessionEventType>(
  type: Type,
  listener: ((event: SessionEvent<Type>) => void) | null,
  options?: Options | boolean,
) => void;

export interface EventsOptions<Type extends SessionEventType> {
  /** Events to iterate over (default: all). */
  types?: readonly Type[];
  /** Ends the session when the loop is left, by `break` or an error (default: false, and it goes on). */
  stopOnExit?: boolean;
}

/** Events kept for a loop that begins late; a minute's probabilities and more. */
const MAX_EARLY = 4096;
/** Large, or of use only while they are new. */
const notKept: ReadonlySet<SessionEventType> = new Set(["block", "state", "values"]);

/** Dispatches a session's events to listeners, typed by event name, and to `for await` loops. */
export abstract class SessionEventTarget extends EventTarget {
  readonly #queues = new Map<AsyncQueue<SessionEvent>, ReadonlySet<string> | undefined>();
  /** Events before the first loop, which begins with them. */
  #early: SessionEvent[] | undefined = [];
  #isEnded = false;

  abstract stop(): Promise<void>;

  /**
   * Iterates over events; ends with the session. The first loop begins with the session's last 4,096 events, `block`,
   * `state` and `values` left out; further loops with the next event. Leaving a loop leaves the microphone on, unless
   * `stopOnExit` is set: `stop()` ends the session.
   */
  events<Type extends SessionEventType = SessionEventType>({
    types,
    stopOnExit = false,
  }: EventsOptions<Type> = {}): AsyncIterableIterator<SessionEvent<Type>> {
    const wanted: ReadonlySet<string> | undefined = types && new Set(types);
    const queue = new AsyncQueue<SessionEvent>((isLeft) => {
      this.#queues.delete(queue);
      if (isLeft && stopOnExit) void this.stop();
    });
    for (const event of this.#early ?? []) if (wanted?.has(event.type) ?? true) queue.push(event);
    this.#early = undefined;
    if (this.#isEnded) queue.end();
    else this.#queues.set(queue, wanted);
    return queue as AsyncIterableIterator<SessionEvent<Type>>;
  }

  declare addEventListener: ListenerMethod<AddEventListenerOptions> &
    EventTarget["addEventListener"];
  declare removeEventListener: ListenerMethod<EventListenerOptions> &
    EventTarget["removeEventListener"];

  /** @internal Events that the slowest loop has not read yet. */
  protected get backlog(): number {
    return Math.max(0, ...[...this.#queues.keys()].map((queue) => queue.length));
  }

  /** @internal */
  protected readonly emit: Emit = (type, detail) => {
    const event = sessionEvent(type, detail);
    for (const [queue, wanted] of this.#queues)
      if (wanted?.has(type) ?? true) queue.push(event as SessionEvent);
    if (this.#early && !notKept.has(type)) {
      this.#early.push(event as SessionEvent);
      // Cut in large steps: removing the first of a long array copies it.
      if (this.#early.length >= 2 * MAX_EARLY) this.#early = this.#early.slice(-MAX_EARLY);
    }
    this.dispatchEvent(event);
  };

  /** @internal Ends every loop: no event follows. */
  protected endQueues(): void {
    this.#isEnded = true;
    for (const queue of [...this.#queues.keys()]) queue.end();
  }
}
