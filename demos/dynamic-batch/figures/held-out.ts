import type { RemoteRunnable } from "tract-wasm/worker";
import { LongRun, type Tell } from "../../kit/figures/long-run.ts";
import { Slider } from "../../kit/figures/slider.ts";
import { only } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import {
  batchOf,
  type HeldOut,
  heldOutOf,
  readingsOf,
  type Shape,
  shapeOf,
} from "../images/digits.ts";
import { Sheet, type Shown } from "../images/image-grid.ts";

/** What a model that reads digits has to reach. */
export const WANTED = 0.95;
const START = 24;
const MOST = 64;
/** Wrongly read digits there is room for. */
const SHOWN = 24;

/** The held-out digits, all of them, read in the page. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const shape = shapeOf(whole);
  const heldOut = await heldOutOf(lesson, shape);
  lesson.say("held.count", heldOut.images.length, "held-out.safetensors · expected");
  return new TestRun(stage, lesson, await whole.prepare(), shape, heldOut);
};

class TestRun implements Figure {
  readonly #lesson: Lesson;
  readonly #runnable: RemoteRunnable;
  readonly #shape: Shape;
  readonly #heldOut: HeldOut;
  readonly #slider: Slider;
  readonly #run: LongRun;
  readonly #sheet = new Sheet("Digits read wrongly", SHOWN);

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
      shown: (value) => `${lesson.reading.symbol} = ${value}`,
      moved: () => {},
    });
    this.#run = new LongRun({
      label: "Read all held-out digits",
      run: (tell, stopped) => this.#read(tell, stopped),
    });
    stage.append(this.#run.element, this.#slider.element, this.#sheet.element);
    this.reset();
  }

  reset() {
    this.#slider.value = START;
    this.#run.reset();
    this.#sheet.show([], "Nothing is read yet.");
  }

  async #read(tell: Tell, stopped: AbortSignal) {
    const { images, digits } = this.#heldOut;
    const batch = this.#slider.value;
    const wrong: Shown[] = [];
    for (let from = 0; from < images.length; from += batch) {
      if (stopped.aborted) return { text: "" };
      const some = images.slice(from, from + batch);
      const inputs = { [this.#shape.name]: batchOf(some, this.#shape) };
      const readings = readingsOf(only(await this.#runnable.run(inputs)));
      readings.forEach(({ digit }, at) => {
        const [image, expected] = [some[at], digits[from + at]];
        if (!image || digit === expected) return;
        wrong.push({ image, label: `${digit} for ${expected}`, mark: "wrong" });
      });
      this.#sheet.show(wrong, `${wrong.length} read wrongly so far.`);
      tell(Math.min(images.length, from + batch), images.length);
    }
    const right = images.length - wrong.length;
    const share = right / images.length;
    const from = `computed here: ${images.length} held-out digits, ${batch} at a time`;
    this.#lesson.say("held.right", right, from);
    this.#lesson.say("held.share", share.toFixed(4), from);
    this.#sheet.show(
      wrong,
      `Read wrongly: ${wrong.map(({ label }) => label).join("; ") || "none"}.`,
    );
    return {
      text: `${right} of ${images.length} read right, ${(100 * share).toFixed(2)} %.`,
      right: share >= WANTED,
    };
  }
}
