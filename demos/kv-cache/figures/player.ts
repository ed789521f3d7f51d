import { button } from "../../kit/figures/controls.ts";

/** Steps by hand and by themselves, one after the other, in the order asked for. */
export class Player {
  readonly step: HTMLButtonElement;
  readonly play: HTMLButtonElement;
  readonly #every: number;
  readonly #failed: (error: unknown) => void;
  #busy = Promise.resolve();
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Steps asked for before this are of no use any more. */
  #era = 0;

  /**
   * @param step one step
   * @param every milliseconds from one step to the next while it plays
   * @param failed hears what a step throws; it has stopped by then
   */
  constructor(step: () => Promise<void>, every: number, failed: (error: unknown) => void) {
    this.#every = every;
    this.#failed = failed;
    this.step = button("Step", () => this.queue(step));
    this.step.classList.add("filled");
    this.play = button("Play", () => this.#toggle(step));
  }

  /** Does something between two steps. */
  queue(what: () => Promise<void>) {
    const era = this.#era;
    this.#busy = this.#busy
      .then(() => (era === this.#era ? what() : undefined))
      .catch((error: unknown) => {
        this.stop();
        this.#failed(error);
      });
  }

  /** Begins anew: what is still queued is left out. */
  restart(what: () => Promise<void>) {
    this.stop();
    this.#era++;
    this.queue(what);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.play.textContent = "Play";
  }

  #toggle(step: () => Promise<void>) {
    if (this.#timer) return this.stop();
    this.play.textContent = "Pause";
    this.queue(step);
    this.#timer = setInterval(() => this.queue(step), this.#every);
  }
}
