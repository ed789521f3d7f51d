import { html, render } from "lit";
import { cell } from "nnef-pulse/look";
import { TractError } from "tract-wasm";
import type { RemoteRunnable } from "tract-wasm/worker";
import { Drawing, type Pen, type Size } from "../../form/drawing.ts";
import { only } from "../../form/engine.ts";
import type { BuildFigure, Figure } from "../../form/lesson.ts";
import { Slider } from "../../form/slider.ts";
import { batchOf, exampleOf, heldOutOf, type Image, type Shape, shapeOf } from "../digits.ts";

/** One export of the model. */
interface Export {
  readonly name: string;
  readonly fact: string;
  readonly runnable: RemoteRunnable;
}
type Answer = { readonly fact: string } | { readonly error: TractError };

const MOST = 12;
const CELL = 22;
const HEIGHT = 58;

/** The same batch sent to an export that saw one size, and to one that left it open. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const shape = shapeOf(whole);
  const [{ images }, example] = await Promise.all([
    heldOutOf(lesson, shape),
    exampleOf(lesson, shape),
  ]);
  const fixed = await whole.setSymbols({ [lesson.reading.symbol]: example.length });
  lesson.say("fixed.batch", example.length, "reference.safetensors: images in its batch");
  const exports = [
    { name: "fixed", fact: fixed.inputs[0]?.fact ?? "", runnable: await fixed.prepare() },
    { name: "dynamic", fact: whole.inputs[0]?.fact ?? "", runnable: await whole.prepare() },
  ];
  return new Fixed(stage, lesson.reading.symbol, exports, shape, images, example.length);
};

class Fixed implements Figure {
  readonly #exports: readonly Export[];
  readonly #shape: Shape;
  readonly #images: readonly Image[];
  readonly #seen: number;
  readonly #slider: Slider;
  readonly #drawing: Drawing;
  readonly #said = document.createElement("div");
  #turn = 0;

  constructor(
    stage: HTMLElement,
    symbol: string,
    exports: readonly Export[],
    shape: Shape,
    images: readonly Image[],
    seen: number,
  ) {
    this.#exports = exports;
    this.#shape = shape;
    this.#images = images;
    this.#seen = seen;
    const picture = document.createElement("div");
    this.#said.className = "answers";
    this.#said.role = "status";
    this.#slider = new Slider({
      label: "Images sent",
      min: 0,
      max: MOST,
      value: seen,
      shown: (value) => `${symbol} = ${value}`,
      moved: () => void this.#send(),
    });
    stage.append(picture, this.#slider.element, this.#said);
    this.#drawing = new Drawing(
      picture,
      () => HEIGHT,
      "",
      (pen, size) => this.#paint(pen, size),
    );
    void this.#send();
  }

  reset() {
    this.#slider.value = this.#seen;
    void this.#send();
  }

  async #send() {
    const turn = ++this.#turn;
    const count = this.#slider.value;
    this.#drawing.tell(`A batch of ${count}.`);
    this.#drawing.redraw();
    const input = batchOf(this.#images.slice(0, count), this.#shape);
    const answers = await Promise.all(
      this.#exports.map(({ runnable }) => sent(runnable, { [this.#shape.name]: input })),
    );
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
      this.#said,
    );
  }

  #paint({ context, palette, label }: Pen, { width }: Size) {
    const count = this.#slider.value;
    const wide = (width - 8) / MOST;
    label("images", 4, 12, palette.ink);
    label(String(count), width - 4, 12, palette.muted, "right");
    for (let image = 0; image < count; image++) {
      const box = { x: 4 + image * wide, y: 28, width: wide - 2, height: CELL };
      cell(context, box, image < this.#seen ? palette.probability : palette.delay);
    }
  }
}

async function sent(
  runnable: RemoteRunnable,
  inputs: Parameters<RemoteRunnable["run"]>[0],
): Promise<Answer> {
  try {
    const { shape, dtype } = only(await runnable.run(inputs));
    return { fact: `${shape.join(",")},${dtype}` };
  } catch (error) {
    if (error instanceof TractError) return { error };
    throw error;
  }
}
