import type { RemoteRunnable } from "tract-wasm/worker";
import { LongRun, type ReportProgress } from "../../kit/figures/long-run.ts";
import { Slider } from "../../kit/figures/slider.ts";
import { onlyOutput } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import {
  batchOf,
  type HeldOut,
  predictionsOf,
  readHeldOut,
  type Shape,
  shapeOf,
} from "../images/digits.ts";
import { ImageGrid, type Shown } from "../images/image-grid.ts";

/** Share of digits that a usable model reads right. */
export const REQUIRED_ACCURACY = 0.95;
const START = 24;
const MOST = 64;
/** Wrongly read digits that are shown. */
const SHOWN = 24;

/** Reads all held-out digits in the page. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const shape = shapeOf(whole);
  const heldOut = await readHeldOut(lesson, shape);
  lesson.showNumber("held.count", heldOut.images.length, "held-out.safetensors · expected");
  return new HeldOutFigure(stage, lesson, await whole.prepare(), shape, heldOut);
};

class HeldOutFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #runnable: RemoteRunnable;
  readonly #shape: Shape;
  readonly #heldOut: HeldOut;
  readonly #slider: Slider;
  readonly #run: LongRun;
  readonly #grid = new ImageGrid("Digits read wrongly", SHOWN);

  constructor(
    stage: HTMLElement,
    lesson: Lesson,
    runnable: RemoteRunnable,
    shape: Shape,
    heldOut: HeldOut,
  ) {
    this.#lesson = lesson;
    this.#runnable = runnable;
    this.#shape = shape;
    this.#heldOut = heldOut;
    this.#slider = new Slider({
      label: "At a time",
      min: 1,
      max: MOST,
      value: START,
      format: (value) => `${lesson.reading.symbol} = ${value}`,
      onChange: () => {},
    });
    this.#run = new LongRun({
      label: "Read all held-out digits",
      run: (report, stopped) => this.#read(report, stopped),
    });
    stage.append(this.#run.element, this.#slider.element, this.#grid.element);
    this.reset();
  }

  reset() {
    this.#slider.value = START;
    this.#run.reset();
    this.#grid.show([], "Nothing has been read yet.");
  }

  async #read(report: ReportProgress, stopped: AbortSignal) {
    const { images, digits } = this.#heldOut;
    const batch = this.#slider.value;
    const wrong: Shown[] = [];
    for (let from = 0; from < images.length; from += batch) {
      if (stopped.aborted) return { text: "" };
      const some = images.slice(from, from + batch);
      const inputs = { [this.#shape.name]: batchOf(some, this.#shape) };
      const predictions = predictionsOf(onlyOutput(await this.#runnable.run(inputs)));
      predictions.forEach(({ digit }, at) => {
        const [image, expected] = [some[at], digits[from + at]];
        if (!image || digit === expected) return;
        wrong.push({ image, label: `${digit} for ${expected}`, mark: "wrong" });
      });
      this.#grid.show(wrong, `${wrong.length} read wrongly so far.`);
      report(Math.min(images.length, from + batch), images.length);
    }
    const right = images.length - wrong.length;
    const share = right / images.length;
    const from = `computed here: ${images.length} held-out digits, ${batch} at a time`;
    this.#lesson.showNumber("held.right", right, from);
    this.#lesson.showNumber("held.share", share.toFixed(4), from);
    this.#grid.show(
      wrong,
      `Read wrongly: ${wrong.map(({ label }) => label).join("; ") || "none"}.`,
    );
    return {
      text: `${right} of ${images.length} read right, ${(100 * share).toFixed(2)} %.`,
      right: share >= REQUIRED_ACCURACY,
    };
  }
}
