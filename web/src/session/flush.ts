/**
 * Flushes one part of a session: asks the worker to run its partial pulse once no more sound arrives,
 * and waits for its answer, so that sound still in flight is not cut off.
 */
export class Flush {
  readonly #request: () => void;
  readonly #waiting = new Set<() => void>();
  #idleMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param request sends the worker its `finish` request */
  constructor(request: () => void) {
    this.#request = request;
  }

  /**
   * Resolves when the worker has finished.
   * @param idleMs time without sound after which the worker is asked
   */
  wait(idleMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      this.#idleMs = idleMs;
      this.restartTimer();
    });
  }

  /** Restarts the idle time, if a flush is pending. Call it when sound has arrived. */
  restartTimer(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.size > 0) this.#timer = setTimeout(this.#request, this.#idleMs);
  }

  /** Resolves every `wait`: the worker has finished, or never will. */
  resolve(): void {
    clearTimeout(this.#timer);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
