import { button, controls, statusLine } from "./controls.ts";

/** Reports the progress of a long run. */
export type ReportProgress = (done: number, total: number) => void;

export interface LongRunOptions {
  readonly label: string;
  /**
   * The work. It reports its progress, and returns early when `stopped` is aborted; its result is then
   * ignored. Returns the text to show at the end, and whether the result is good.
   */
  readonly run: (
    report: ReportProgress,
    stopped: AbortSignal,
  ) => Promise<{ text: string; right?: boolean }>;
}

/** A button for work that takes longer than a second, with progress, Stop and the result. */
export class LongRun {
  readonly element = document.createElement("div");
  readonly #options: LongRunOptions;
  readonly #button: HTMLButtonElement;
  readonly #progress = document.createElement("progress");
  readonly #status = statusLine();
  #stop: AbortController | undefined;

  constructor(options: LongRunOptions) {
    this.#options = options;
    this.#button = button(options.label, () => void this.#toggle());
    this.#button.classList.add("filled");
    this.#progress.ariaLabel = options.label;
    this.#progress.hidden = true;
    this.element.className = "long-run";
    this.element.append(controls(this.#button, this.#progress), this.#status);
  }

  /** Stops a run and clears the result. */
  reset() {
    this.#stop?.abort();
    this.#status.textContent = "";
    delete this.#status.dataset.right;
  }

  async #toggle() {
    if (this.#stop) {
      this.#stop.abort();
      return;
    }
    const stop = new AbortController();
    this.#stop = stop;
    this.#status.textContent = "";
    delete this.#status.dataset.right;
    this.#button.textContent = "Stop";
    this.#progress.removeAttribute("value");
    this.#progress.hidden = false;
    try {
      const { text, right } = await this.#options.run(
        (done, total) => this.#showProgress(done, total),
        stop.signal,
      );
      if (stop.signal.aborted) return;
      this.#status.textContent = text;
      if (right !== undefined) this.#status.dataset.right = String(right);
    } catch (error) {
      if (stop.signal.aborted) return;
      this.#status.textContent = error instanceof Error ? error.message : String(error);
      this.#status.dataset.right = "false";
    } finally {
      this.#stop = undefined;
      this.#button.textContent = this.#options.label;
      this.#progress.hidden = true;
    }
  }

  #showProgress(done: number, total: number) {
    this.#progress.max = total;
    this.#progress.value = done;
    this.#status.textContent = `${done} of ${total}`;
  }
}
