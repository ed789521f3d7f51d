import { ClosedError } from "../base/errors.js";
import type { SessionState } from "./events.js";

/** The one life of a session: its state, the queue of its actions, and the signal that ends what it waits for. */
export class Life {
  readonly #changed: (state: SessionState) => void;
  readonly #ending = new AbortController();
  #state: SessionState = "opening";
  #last: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | undefined;

  /** @param changed called with each new state */
  constructor(changed: (state: SessionState) => void) {
    this.#changed = changed;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Aborts when the session begins to end, by whatever cause. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Enters a state. A session that is ending stays so. */
  enter(state: "running" | "paused"): void {
    if (!this.signal.aborted) this.#set(state);
  }

  /**
   * Runs actions one after another; one that fails does not stop the next.
   * @throws ClosedError once the session is ending
   */
  run<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(() => {
      this.signal.throwIfAborted();
      return action();
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  /**
   * Ends what the session waits for, then waits for its actions, then runs `finish`, unless it has closed meanwhile.
   * @returns the same promise for every call
   */
  stop(finish: () => Promise<void>): Promise<void> {
    this.#stopping ??= this.#stop(finish);
    return this.#stopping;
  }

  /** Closes at once. False if it was closed before. */
  close(): boolean {
    if (this.#state === "closed") return false;
    this.#abort();
    this.#set("closed");
    return true;
  }

  async #stop(finish: () => Promise<void>): Promise<void> {
    if (this.#state === "closed") return;
    this.#set("stopping");
    this.#abort();
    await this.#last;
    // Another cause may have closed it while the actions ended.
    if ((this.#state as SessionState) !== "closed") await finish();
  }

  #abort(): void {
    this.#ending.abort(new ClosedError("The session has ended.", "closed"));
  }

  #set(state: SessionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#changed(state);
  }
}
