import { html, render } from "lit";
import { Slider } from "../../kit/figures/slider.ts";
import type { BuildFigure, Figure } from "../../kit/page/lesson.ts";
import { type Sizes, sizesOf } from "../plans/size-operations.ts";

/** A reshape as the text computes its size, and as the engine keeps it. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const sizes = sizesOf(await lesson.reading.archive("model"), await whole.graph());
  const from = "counted here: model · graph.nnef, and the engine's graph";
  lesson.say("sizes.asks", sizes.asks, from);
  lesson.say("sizes.computes", sizes.computes, from);
  lesson.say("sizes.left", sizes.left, from);
  return new Chain(stage, sizes);
};

class Chain implements Figure {
  readonly #sizes: Sizes;
  readonly #slider: Slider;
  readonly #shown = document.createElement("div");

  constructor(stage: HTMLElement, sizes: Sizes) {
    this.#sizes = sizes;
    const { length } = sizes.reshapes;
    if (length === 0) throw new Error("no reshape of this model computes its size");
    this.#slider = new Slider({
      label: "Reshape",
      min: 1,
      max: length,
      value: 1,
      shown: (value) => `${value} of ${length}`,
      moved: () => this.#show(),
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
        <p class="said">${lines.length} lines became one node. Of all ${computes} lines that only compute sizes,
          ${asks} of which ask for a shape, the engine runs ${left}.</p>`,
      this.#shown,
    );
  }
}
