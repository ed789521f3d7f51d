import { html, render } from "lit";
import { TractError } from "tract-wasm";
import type { RemoteModel, RemoteRunnable } from "tract-wasm/worker";
import { only, type Tensors } from "../page/engine.ts";

interface Export {
  readonly name: string;
  readonly fact: string;
  readonly runnable: RemoteRunnable;
}
type Answer = { readonly fact: string } | { readonly error: TractError };

/** A model whose sizes are fixed beside the one that leaves them open, and what each last answered. */
export class Exports {
  readonly element = document.createElement("div");
  readonly #exports: readonly Export[];
  #turn = 0;

  private constructor(exports: readonly Export[]) {
    this.#exports = exports;
    this.element.className = "answers";
    this.element.role = "status";
  }

  /** @param sizes what the fixed one fixes, by symbol */
  static async of(whole: RemoteModel, sizes: Readonly<Record<string, number>>): Promise<Exports> {
    const fixed = await whole.setSymbols(sizes);
    return new Exports([
      { name: "fixed", fact: fixed.inputs[0]?.fact ?? "", runnable: await fixed.prepare() },
      { name: "dynamic", fact: whole.inputs[0]?.fact ?? "", runnable: await whole.prepare() },
    ]);
  }

  /** Asks both, and shows what they say unless they were asked anew meanwhile. */
  async send(inputs: Tensors) {
    const turn = ++this.#turn;
    const answers = await Promise.all(this.#exports.map(({ runnable }) => ask(runnable, inputs)));
    if (turn !== this.#turn) return;
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

async function ask(runnable: RemoteRunnable, inputs: Tensors): Promise<Answer> {
  try {
    const { shape, dtype } = only(await runnable.run(inputs));
    return { fact: `${shape.join(",")},${dtype}` };
  } catch (error) {
    if (error instanceof TractError) return { error };
    throw error;
  }
}
