import { html, render } from "lit";
import { TractError } from "tract-wasm";
import type { RemoteModel, RemoteRunnable } from "tract-wasm/worker";
import { onlyOutput, type Tensors } from "../page/engine.ts";

interface Export {
  readonly name: string;
  readonly fact: string;
  readonly runnable: RemoteRunnable;
}
type Answer = { readonly fact: string } | { readonly error: TractError };

/** A fixed and a dynamic export of one model, and their answers to the last inputs. */
export class ExportComparison {
  readonly element = document.createElement("div");
  readonly #exports: readonly Export[];
  #requestId = 0;

  private constructor(exports: readonly Export[]) {
    this.#exports = exports;
    this.element.className = "answers";
    this.element.role = "status";
  }

  /** @param sizes of the fixed export, by symbol */
  static async of(
    whole: RemoteModel,
    sizes: Readonly<Record<string, number>>,
  ): Promise<ExportComparison> {
    const fixed = await whole.setSymbols(sizes);
    return new ExportComparison([
      { name: "fixed", fact: fixed.inputs[0]?.fact ?? "", runnable: await fixed.prepare() },
      { name: "dynamic", fact: whole.inputs[0]?.fact ?? "", runnable: await whole.prepare() },
    ]);
  }

  /** Runs both and shows their answers, unless newer inputs were sent meanwhile. */
  async send(inputs: Tensors) {
    const requestId = ++this.#requestId;
    const answers = await Promise.all(
      this.#exports.map(({ runnable }) => answerOf(runnable, inputs)),
    );
    if (requestId !== this.#requestId) return;
    render(
      this.#exports.map(({ name, fact }, at) => {
        const answer = answers[at];
        const ok = answer && "fact" in answer;
        return html`<div class="answer-row" data-right=${String(ok === true)}>
          <span class="answer-name">${name} <code>${fact}</code></span>
          <p><b aria-hidden="true">${ok ? "✓" : "×"}</b> ${ok ? html`gives <code>${answer.fact}</code>` : answer?.error.message}</p>
        </div>`;
      }),
      this.element,
    );
  }
}

async function answerOf(runnable: RemoteRunnable, inputs: Tensors): Promise<Answer> {
  try {
    const { shape, dtype } = onlyOutput(await runnable.run(inputs));
    return { fact: `${shape.join(",")},${dtype}` };
  } catch (error) {
    if (error instanceof TractError) return { error };
    throw error;
  }
}
