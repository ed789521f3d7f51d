/**
 * The end of a part of a session: the worker is asked to run what it holds back once no more sound
 * comes, for what is on its way must not be cut off.
 */
export class Finish {
  readonly #ask: () => void;
  readonly #awaiting = new Set<() => void>();
  #patienceMs = 0;
  #asking: ReturnType<typeof setTimeout> | undefined;

  /** @param ask asks the worker to finish */
  constructor(ask: () => void) {
    this.#ask = ask;
  }

  /**
   * Resolves when it has come.
   * @param patienceMs how long no sound may come before the worker is asked
   */
  await(patienceMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#awaiting.add(resolve);
      this.#patienceMs = patienceMs;
      this.askLater();
    });
  }

  /** Sound has come: the patience begins anew, where a finish is awaited. */
  askLater(): void {
    clearTimeout(this.#asking);
    if (this.#awaiting.size > 0) this.#asking = setTimeout(this.#ask, this.#patienceMs);
  }

  /** It has come, or never will. */
  come(): void {
    clearTimeout(this.#asking);
    for (const resolve of this.#awaiting) resolve();
    this.#awaiting.clear();
  }
}
