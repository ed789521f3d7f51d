import { html, render } from "lit";
import { TractError } from "tract-wasm";
import type { RemoteRunnable } from "tract-wasm/worker";
import { controls, status } from "../../kit/figures/controls.ts";
import type { Tensors } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { batchOf, heldOutOf, type Image, type Shape, shapeOf } from "../images/digits.ts";

/** A profile is asked for: of how many images, or of nothing said. */
type Asked = number | undefined;
const OFFERED: readonly Asked[] = [undefined, 0, 1, 3, 8];

/** A profile of a model whose size is open, with and without saying the size. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const shape = shapeOf(whole);
  const { images } = await heldOutOf(lesson, shape);
  const view = new Asking(stage, lesson, await whole.prepare(), shape, images);
  await view.reset();
  return view;
};

class Asking implements Figure {
  readonly #symbol: string;
  readonly #runnable: RemoteRunnable;
  readonly #shape: Shape;
  readonly #images: readonly Image[];
  readonly #controls = controls();
  readonly #said = status("div");
  #turn = 0;

  constructor(
    stage: HTMLElement,
    lesson: Lesson,
    runnable: RemoteRunnable,
    shape: Shape,
    images: readonly Image[],
  ) {
    this.#symbol = lesson.reading.symbol;
    this.#runnable = runnable;
    this.#shape = shape;
    this.#images = images;
    stage.append(this.#controls, this.#said);
  }

  async reset() {
    await this.#ask(undefined);
  }

  async #ask(asked: Asked) {
    const turn = ++this.#turn;
    render(
      OFFERED.map(
        (each) =>
          html`<button class="button" type="button" aria-pressed=${each === asked} @click=${() => this.#ask(each)}>${this.#labelOf(each)}</button>`,
      ),
      this.#controls,
    );
    const inputs: Tensors =
      asked === undefined
        ? {}
        : { [this.#shape.name]: batchOf(this.#images.slice(0, asked), this.#shape) };
    const call = `profile({${asked === undefined ? "" : ` ${this.#shape.name}: ${asked},1,${this.#shape.rows},${this.#shape.columns} `}})`;
    try {
      const { rounds, ms, nodes } = await this.#runnable.profile(inputs);
      if (turn !== this.#turn) return;
      const dearest = [...nodes].sort((a, b) => b.ms - a.ms).slice(0, 3);
      render(
        html`<p><code>${call}</code></p>
          <p class="accepted"><b aria-hidden="true">✓</b> <span class="figure">${(ms * 1000).toFixed(0)}</span> µs a run,
            over ${rounds} runs of ${nodes.length} nodes.</p>
          <p>Dearest: ${dearest.map(({ op, ms: each }, at) => html`${at > 0 ? ", " : ""}<code>${op}</code> ${(each * 1000).toFixed(0)} µs`)}.</p>`,
        this.#said,
      );
    } catch (error) {
      if (turn !== this.#turn) return;
      if (!(error instanceof TractError)) throw error;
      render(
        html`<p><code>${call}</code></p>
          <p class="refused"><b aria-hidden="true">×</b> <code>${error.name}</code>, code <code>${error.code}</code>: ${error.message}.</p>`,
        this.#said,
      );
    }
  }

  #labelOf(asked: Asked): string {
    return asked === undefined ? `${this.#symbol} left open` : `${this.#symbol} = ${asked}`;
  }
}
