import { html, render } from "lit";
import { Slider } from "../../kit/figures/slider.ts";
import type { BuildFigure, Figure } from "../../kit/page/lesson.ts";
import { analyseSizes, type SizeOperations } from "../plans/size-operations.ts";

/** A reshape: the lines of the text that compute its size, and the node the engine keeps. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const sizes = analyseSizes(await lesson.reading.archive("model"), await whole.graph());
  const from = "counted here: model · graph.nnef, and the engine's graph";
  lesson.showNumber("sizes.asks", sizes.asks, from);
  lesson.showNumber("sizes.computes", sizes.computes, from);
  lesson.showNumber("sizes.left", sizes.left, from);
  return new ReshapeFigure(stage, sizes);
};

class ReshapeFigure implements Figure {
  readonly #sizes: SizeOperations;
  readonly #slider: Slider;
  readonly #shown = document.createElement("div");

  constructor(stage: HTMLElement, sizes: SizeOperations) {
    this.#sizes = sizes;
    const { length } = sizes.reshapes;
    if (length === 0) throw new Error("this model has no reshape with a computed size");
    this.#slider = new Slider({
      label: "Reshape",
      min: 1,
      max: length,
      value: 1,
      format: (value) => `${value} of ${length}`,
      onChange: () => this.#show(),
    });
    stage.append(this.#slider.element, this.#shown);
    this.#show();
  }

  reset() {
    this.#slider.value = 1;
    this.#show();
  }

  #show() {
    const { reshapes, asks, computes, left } = this.#sizes;
    const reshape = reshapes[this.#slider.value - 1];
    if (!reshape) return;
    const { lines, wire, op, info, fact } = reshape;
    render(
      html`<h3 class="part">The text</h3>
        <pre class="excerpt chain" tabindex="0" role="region" aria-label="Lines that make ${wire}">${lines.map(
          ({ number, text }) =>
            html`<span class="excerpt-line"><span class="excerpt-number">${number}</span><code>${text}</code></span>`,
        )}</pre>
        <h3 class="part">The engine</h3>
        <div class="excerpt">
          <span class="excerpt-line"><code><b>${op}</b> ${wire} → ${fact}</code></span>
          ${info.map((line) => html`<span class="excerpt-line"><code>${line}</code></span>`)}
        </div>
        <p class="result">${lines.length} lines became 1 node. In the whole text ${computes} lines only compute sizes,
          and ${asks} of them ask for a shape. The engine runs ${left}.</p>`,
      this.#shown,
    );
  }
}
