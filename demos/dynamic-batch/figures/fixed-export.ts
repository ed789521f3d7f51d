import { cell } from "nnef-pulse/look";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { ExportComparison } from "../../kit/figures/export-comparison.ts";
import { Slider } from "../../kit/figures/slider.ts";
import type { BuildFigure, Figure } from "../../kit/page/lesson.ts";
import {
  batchOf,
  type Image,
  readExample,
  readHeldOut,
  type Shape,
  shapeOf,
} from "../images/digits.ts";

const MOST = 12;
const CELL = 22;
const HEIGHT = 58;

/** Sends the same batch to a fixed and a dynamic export. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const shape = shapeOf(whole);
  const [{ images }, example] = await Promise.all([
    readHeldOut(lesson, shape),
    readExample(lesson, shape),
  ]);
  const exports = await ExportComparison.of(whole, { [lesson.reading.symbol]: example.length });
  lesson.showNumber("fixed.batch", example.length, "reference.safetensors: images in its batch");
  return new FixedExportFigure(
    stage,
    lesson.reading.symbol,
    exports,
    shape,
    images,
    example.length,
  );
};

class FixedExportFigure implements Figure {
  readonly #exports: ExportComparison;
  readonly #shape: Shape;
  readonly #images: readonly Image[];
  readonly #seen: number;
  readonly #slider: Slider;
  readonly #drawing: Drawing;

  constructor(
    stage: HTMLElement,
    symbol: string,
    exports: ExportComparison,
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
      format: (value) => `${symbol} = ${value}`,
      onChange: () => this.#send(),
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
    this.#drawing.describe(`A batch of ${count}.`);
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
