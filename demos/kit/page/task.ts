import { html, nothing, render, type TemplateResult } from "lit";

/** Result of a check. The reason is computed from the entered answer. */
export interface Verdict {
  readonly right: boolean;
  readonly reason: string | TemplateResult;
}

export interface Task {
  readonly question: string | TemplateResult;
  /** Accessible label of the number field. */
  readonly label: string;
  /** @param entered a whole number */
  check(entered: number): Verdict | Promise<Verdict>;
  /** Takes the answer from a figure's control, in place of a number field. */
  readonly answer?: () => number;
}

/** A question with a number field and a *Check* button, in an element with `data-task`. */
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
      this.#verdict = { right: false, reason: "Enter a whole number." };
    } else {
      try {
        this.#verdict = await this.#task.check(value);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        this.#verdict = { right: false, reason: `The answer could not be checked: ${why}.` };
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
