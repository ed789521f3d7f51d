import { cell } from "nnef-pulse/look";
import { shortest } from "nnef-pulse/reading";
import { type Tensor, tensor } from "tract-wasm";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { ExportComparison } from "../../kit/figures/export-comparison.ts";
import { Slider } from "../../kit/figures/slider.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { type Strip, stripOf } from "../strip.ts";

const CELL = 22;
const HEIGHT = 58;

/** Sends the same strip to a fixed and a dynamic export. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const [strip, windows] = await Promise.all([stripOf(lesson), lesson.reading.windows()]);
  const sizes = whole.symbols.map((symbol) => [
    symbol,
    symbol === lesson.reading.symbol ? strip.frames : 1,
  ]);
  const exports = await ExportComparison.of(whole, Object.fromEntries(sizes));
  const view = new SizesFigure(stage, lesson, exports, strip, shortest(windows));
  view.reset();
  return view;
};

class SizesFigure implements Figure {
  readonly #exports: ExportComparison;
  readonly #strip: Strip;
  /** Frames of the shortest strip that gives an output frame. */
  readonly #shortest: number;
  readonly #slider: Slider;
  readonly #drawing: Drawing;

  constructor(
    stage: HTMLElement,
    lesson: Lesson,
    exports: ExportComparison,
    strip: Strip,
    shortest: number,
  ) {
    this.#exports = exports;
    this.#strip = strip;
    this.#shortest = shortest;
    const { frames } = strip;
    lesson.showNumber("fixed.frames", frames, "reference.safetensors: the length of its strip");
    const picture = document.createElement("div");
    this.#slider = new Slider({
      label: "Frames sent",
      min: 1,
      max: frames + 20,
      value: frames,
      format: (value) => `${lesson.reading.symbol} = ${value}`,
      onChange: () => this.#send(),
    });
    stage.append(picture, this.#slider.element, exports.element);
    this.#drawing = new Drawing(
      picture,
      () => HEIGHT,
      "",
      (pen, size) => this.#paint(pen, size),
    );
  }

  reset() {
    this.#slider.value = this.#strip.frames;
    this.#send();
  }

  #send() {
    const length = this.#slider.value;
    this.#drawing.describe(`A strip of ${length} frames.`);
    this.#drawing.redraw();
    void this.#exports.send({ [this.#strip.name]: cut(this.#strip, length) });
  }

  #paint({ context, palette, label }: Pen, { width }: Size) {
    const length = this.#slider.value;
    const wide = (width - 8) / (this.#strip.frames + 20);
    label("input", 4, 12, palette.ink);
    label(`${length} frames`, width - 4, 12, palette.muted, "right");
    for (let frame = 0; frame < length; frame++) {
      const box = { x: 4 + frame * wide, y: 28, width: Math.max(1, wide - 1), height: CELL };
      const colour = length < this.#shortest ? palette.fault : palette.probability;
      cell(context, box, frame < this.#strip.frames ? colour : palette.delay);
    }
  }
}

/** The example strip, cut or padded with zeros. */
function cut({ input }: Strip, length: number): Tensor {
  const width = input.shape[2] ?? 0;
  const data = new Float32Array(length * width);
  data.set((input.data as Float32Array).subarray(0, data.length));
  return tensor(data, [1, length, width]);
}
