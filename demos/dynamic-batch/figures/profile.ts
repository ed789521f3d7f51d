import { html, render } from "lit";
import { TractError } from "tract-wasm";
import type { RemoteRunnable } from "tract-wasm/worker";
import { controls, statusLine } from "../../kit/figures/controls.ts";
import type { Tensors } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { batchOf, type Image, readHeldOut, type Shape, shapeOf } from "../images/digits.ts";

/** Number of images to profile; undefined for no tensors. */
type Request = number | undefined;
const CHOICES: readonly Request[] = [undefined, 0, 1, 3, 8];

/** Asks for a profile of a model with an open size, with and without tensors. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const shape = shapeOf(whole);
  const { images } = await readHeldOut(lesson, shape);
  const view = new ProfileFigure(stage, lesson, await whole.prepare(), shape, images);
  await view.reset();
  return view;
};

class ProfileFigure implements Figure {
  readonly #symbol: string;
  readonly #runnable: RemoteRunnable;
  readonly #shape: Shape;
  readonly #images: readonly Image[];
  readonly #controls = controls();
  readonly #status = statusLine("div");
  #requestId = 0;

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
    stage.append(this.#controls, this.#status);
  }

  async reset() {
    await this.#profile(undefined);
  }

  async #profile(request: Request) {
    const requestId = ++this.#requestId;
    render(
      CHOICES.map(
        (each) =>
          html`<button class="button" type="button" aria-pressed=${each === request} @click=${() => this.#profile(each)}>${this.#labelOf(each)}</button>`,
      ),
      this.#controls,
    );
    const inputs: Tensors =
      request === undefined
        ? {}
        : { [this.#shape.name]: batchOf(this.#images.slice(0, request), this.#shape) };
    const call = `profile({${request === undefined ? "" : ` ${this.#shape.name}: ${request},1,${this.#shape.rows},${this.#shape.columns} `}})`;
    try {
      const { rounds, ms, nodes } = await this.#runnable.profile(inputs);
      if (requestId !== this.#requestId) return;
      const slowest = [...nodes].sort((a, b) => b.ms - a.ms).slice(0, 3);
      render(
        html`<p><code>${call}</code></p>
          <p class="accepted"><b aria-hidden="true">✓</b> <span class="figure">${(ms * 1000).toFixed(0)}</span> µs a run,
            over ${rounds} runs of ${nodes.length} nodes.</p>
          <p>Slowest: ${slowest.map(({ op, ms: each }, at) => html`${at > 0 ? ", " : ""}<code>${op}</code> ${(each * 1000).toFixed(0)} µs`)}.</p>`,
        this.#status,
      );
    } catch (error) {
      if (requestId !== this.#requestId) return;
      if (!(error instanceof TractError)) throw error;
      render(
        html`<p><code>${call}</code></p>
          <p class="refused"><b aria-hidden="true">×</b> <code>${error.name}</code>, code <code>${error.code}</code>: ${error.message}.</p>`,
        this.#status,
      );
    }
  }

  #labelOf(request: Request): string {
    return request === undefined ? `${this.#symbol} left open` : `${this.#symbol} = ${request}`;
  }
}
