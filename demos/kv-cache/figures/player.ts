import { button } from "../../kit/figures/controls.ts";

/** Step and Play buttons. Steps run one after the other. */
export class Player {
  readonly step: HTMLButtonElement;
  readonly play: HTMLButtonElement;
  readonly #every: number;
  readonly #failed: (error: unknown) => void;
  #queueEnd = Promise.resolve();
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Increases with each restart; queued steps of earlier epochs are skipped. */
  #epoch = 0;

  /**
   * @param step the work of one step
   * @param every milliseconds between steps while playing
   * @param failed receives the error of a step, after playing has stopped
   */
  constructor(step: () => Promise<void>, every: number, failed: (error: unknown) => void) {
    this.#every = every;
    this.#failed = failed;
    this.step = button("Step", () => this.queue(step));
    this.step.classList.add("filled");
    this.play = button("Play", () => this.#toggle(step));
  }

  /** Runs an action after the queued steps. */
  queue(action: () => Promise<void>) {
    const epoch = this.#epoch;
    this.#queueEnd = this.#queueEnd
      .then(() => (epoch === this.#epoch ? action() : undefined))
      .catch((error: unknown) => {
        this.stop();
        this.#failed(error);
      });
  }

  /** Skips what is queued, then runs an action. */
  restart(action: () => Promise<void>) {
    this.stop();
    this.#epoch++;
    this.queue(action);
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
