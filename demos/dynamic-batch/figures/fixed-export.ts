import { cell } from "nnef-pulse/look";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { Exports } from "../../kit/figures/export-comparison.ts";
import { Slider } from "../../kit/figures/slider.ts";
import type { BuildFigure, Figure } from "../../kit/page/lesson.ts";
import {
  batchOf,
  exampleOf,
  heldOutOf,
  type Image,
  type Shape,
  shapeOf,
} from "../images/digits.ts";

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
  const exports = await Exports.of(whole, { [lesson.reading.symbol]: example.length });
  lesson.say("fixed.batch", example.length, "reference.safetensors: images in its batch");
  return new Fixed(stage, lesson.reading.symbol, exports, shape, images, example.length);
};

class Fixed implements Figure {
  readonly #exports: Exports;
  readonly #shape: Shape;
  readonly #images: readonly Image[];
  readonly #seen: number;
  readonly #slider: Slider;
  readonly #drawing: Drawing;

  constructor(
    stage: HTMLElement,
    symbol: string,
    exports: Exports,
    shape: Shape,
    images: readonly Image[],
    seen: number,
  ) {
    this.#exports = exports;
    this.#shape = shape;
    this.#images = images;
    this.#seen = seen;
    const picture = document.createElement("div");
    this.#slider = new Slider({
      label: "Images sent",
      min: 0,
      max: MOST,
      value: seen,
      shown: (value) => `${symbol} = ${value}`,
      moved: () => this.#send(),
    });
    stage.append(picture, this.#slider.element, exports.element);
    this.#drawing = new Drawing(
      picture,
      () => HEIGHT,
      "",
      (pen, size) => this.#paint(pen, size),
    );
    this.#send();
  }

  reset() {
    this.#slider.value = this.#seen;
    this.#send();
  }

  #send() {
    const count = this.#slider.value;
    this.#drawing.tell(`A batch of ${count}.`);
    this.#drawing.redraw();
    const input = batchOf(this.#images.slice(0, count), this.#shape);
    void this.#exports.send({ [this.#shape.name]: input });
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
