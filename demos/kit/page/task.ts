import { html, nothing, render, type TemplateResult } from "lit";

/** What a check found: a wrong answer gets the reason, computed from what was entered. */
export interface Verdict {
  readonly right: boolean;
  readonly reason: string | TemplateResult;
}

export interface Task {
  readonly question: string | TemplateResult;
  /** What the number is of, for the field's label. */
  readonly label: string;
  /** Judges what was entered; a whole number. */
  check(entered: number): Verdict | Promise<Verdict>;
  /** Instead of a field of its own, what a figure's control says now. */
  readonly answer?: () => number;
}

/** A question, a control, *Check*. Shown where a section has `data-task`. */
export class TaskView {
  readonly #host: HTMLElement;
  readonly #task: Task;
  #verdict: Verdict | undefined;
  #entered = "";

  constructor(host: HTMLElement, task: Task) {
    this.#host = host;
    this.#task = task;
    host.className = "task";
    this.#render();
  }

  reset() {
    this.#verdict = undefined;
    this.#entered = "";
    const input = this.#host.querySelector("input");
    if (input) input.value = "";
    this.#render();
  }

  async #check(event: Event) {
    event.preventDefault();
    const value = this.#task.answer ? this.#task.answer() : Number(this.#entered);
    if (!this.#task.answer && (this.#entered.trim() === "" || !Number.isInteger(value))) {
      this.#verdict = { right: false, reason: "A whole number is asked for." };
    } else {
      try {
        this.#verdict = await this.#task.check(value);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        this.#verdict = { right: false, reason: `This could not be checked: ${why}.` };
      }
    }
    this.#render();
  }

  #typed(event: Event) {
    this.#entered = (event.target as HTMLInputElement).value;
    this.#verdict = undefined;
    this.#render();
  }

  #render() {
    const { question, label, answer } = this.#task;
    const verdict = this.#verdict;
    render(
      html`<form @submit=${(event: Event) => this.#check(event)} novalidate>
        <p class="question">${question}</p>
        <div class="answer">
          ${
            answer
              ? nothing
              : html`<input class="entry" type="number" inputmode="numeric" aria-label=${label} @input=${(event: Event) => this.#typed(event)} />`
          }
          <button class="button" type="submit">Check</button>
        </div>
        <p class="verdict" role="status" data-right=${verdict ? String(verdict.right) : nothing}>
          ${verdict ? html`<b aria-hidden="true">${verdict.right ? "✓" : "×"}</b> <span>${verdict.reason}</span>` : nothing}
        </p>
      </form>`,
      this.#host,
    );
  }
}
