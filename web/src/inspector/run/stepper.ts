/** Runs steps strictly one after another, one at a time or as a player does. */
export class Stepper {
  readonly #step: () => Promise<boolean>;
  readonly #changed: () => void;
  #last: Promise<unknown> = Promise.resolve();
  /** Counts starts and stops of the player: an earlier loop ends when it finds another number. */
  #run = 0;
  #isPlaying = false;

  /**
   * @param step runs one pulse; false when there is none left
   * @param changed called when the player starts or stops
   */
  constructor(step: () => Promise<boolean>, changed: () => void) {
    this.#step = step;
    this.#changed = changed;
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  /** Runs an action after the steps that were asked for before. */
  after<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(action);
    this.#last = result.catch(() => undefined);
    return result;
  }

  step(): Promise<boolean> {
    return this.after(this.#step);
  }

  /** @param perSecond steps a second, asked for before each pause */
  async play(perSecond: () => number): Promise<void> {
    const run = this.#start(true);
    while (run === this.#run) {
      const began = performance.now();
      const goesOn = await this.after(async () => run === this.#run && (await this.#step()));
      if (run !== this.#run) return;
      if (!goesOn) return this.pause();
      const rest = 1000 / perSecond() - (performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, rest)));
    }
  }

  pause(): void {
    if (this.#isPlaying) this.#start(false);
  }

  #start(isPlaying: boolean): number {
    this.#run += 1;
    this.#isPlaying = isPlaying;
    this.#changed();
    return this.#run;
  }
}
