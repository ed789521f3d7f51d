import { button, controls, status } from "./controls.ts";

/** How far a long run is. */
export type Tell = (done: number, of: number) => void;

export interface LongRunOptions {
  readonly label: string;
  /**
   * The run itself; it tells how far it is and ends early, whatever it then returns, when `stopped`
   * says so. Gives the sentence that is shown at its end, and whether it is good.
   */
  readonly run: (tell: Tell, stopped: AbortSignal) => Promise<{ text: string; right?: boolean }>;
}

/** A button for what takes longer than a second: it shows how far it is, can be stopped, and says what it found. */
export class LongRun {
  readonly element = document.createElement("div");
  readonly #options: LongRunOptions;
  readonly #button: HTMLButtonElement;
  readonly #progress = document.createElement("progress");
  readonly #said = status();
  #stop: AbortController | undefined;

  constructor(options: LongRunOptions) {
    this.#options = options;
    this.#button = button(options.label, () => void this.#toggle());
    this.#button.classList.add("filled");
    this.#progress.ariaLabel = options.label;
    this.#progress.hidden = true;
    this.element.className = "long-run";
    this.element.append(controls(this.#button, this.#progress), this.#said);
  }

  /** Back to how it began; a run is stopped. */
  reset() {
    this.#stop?.abort();
    this.#said.textContent = "";
    delete this.#said.dataset.right;
  }

  async #toggle() {
    if (this.#stop) {
      this.#stop.abort();
      return;
    }
    const stop = new AbortController();
    this.#stop = stop;
    this.#said.textContent = "";
    delete this.#said.dataset.right;
    this.#button.textContent = "Stop";
    this.#progress.removeAttribute("value");
    this.#progress.hidden = false;
    try {
      const { text, right } = await this.#options.run(
        (done, of) => this.#tell(done, of),
        stop.signal,
      );
      if (stop.signal.aborted) return;
      this.#said.textContent = text;
      if (right !== undefined) this.#said.dataset.right = String(right);
    } catch (error) {
      if (stop.signal.aborted) return;
      this.#said.textContent = error instanceof Error ? error.message : String(error);
      this.#said.dataset.right = "false";
    } finally {
      this.#stop = undefined;
      this.#button.textContent = this.#options.label;
      this.#progress.hidden = true;
    }
  }

  #tell(done: number, of: number) {
    this.#progress.max = of;
    this.#progress.value = done;
    this.#said.textContent = `${done} of ${of}`;
  }
}
