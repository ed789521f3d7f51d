import type { RemoteModel, RemoteRunnable } from "tract-wasm/worker";
import { Drawing } from "../../kit/figures/drawing.ts";
import { LongRun, type ReportProgress } from "../../kit/figures/long-run.ts";
import { type Plot, paintPlot, plotHeight } from "../../kit/figures/plot.ts";
import type { Tensors } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { findingsOf } from "../findings.ts";
import { batchOf, type Image, readHeldOut, type Shape, shapeOf } from "../images/digits.ts";

const BATCHES = [1, 2, 4, 8, 16, 32, 64];
/** Profiles per batch size. The fastest counts, because it was disturbed least. */
const REPEATS = 2;

/** Time per digit for growing batch sizes, measured in the page. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const shape = shapeOf(whole);
  const { images } = await readHeldOut(lesson, shape);
  return new BatchTimeFigure(stage, lesson, whole, shape, images);
};

type Points = readonly { readonly x: number; readonly y: number }[];

class BatchTimeFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #whole: RemoteModel;
  readonly #shape: Shape;
  readonly #images: readonly Image[];
  readonly #run: LongRun;
  readonly #drawing: Drawing;
  #open: Points = [];
  #set: Points = [];

  constructor(
    stage: HTMLElement,
    lesson: Lesson,
    whole: RemoteModel,
    shape: Shape,
    images: readonly Image[],
  ) {
    this.#lesson = lesson;
    this.#whole = whole;
    this.#shape = shape;
    this.#images = images;
    this.#run = new LongRun({
      label: "Measure",
      run: (report, stopped) => this.#measure(report, stopped),
    });
    const picture = document.createElement("div");
    stage.append(this.#run.element, picture);
    this.#drawing = new Drawing(picture, plotHeight, "", (pen, size) =>
      paintPlot(pen, size, this.#plot),
    );
    this.reset();
  }

  reset() {
    this.#run.reset();
    [this.#open, this.#set] = [[], []];
    delete findingsOf(this.#lesson).measured;
    this.#show();
  }

  async #measure(report: ReportProgress, stopped: AbortSignal) {
    const { symbol } = this.#lesson.reading;
    const times = new Map<number, number>();
    const open = await this.#whole.prepare();
    [this.#open, this.#set] = [[], []];
    for (const [at, batch] of BATCHES.entries()) {
      if (stopped.aborted) return { text: "" };
      report(at, BATCHES.length);
      const inputs = { [this.#shape.name]: batchOf(this.#images.slice(0, batch), this.#shape) };
      const model = await this.#whole.setSymbols({ [symbol]: batch });
      const set = await model.prepare();
      const [openMs = 0, setMs = 0] = await fastestMs([open, set], inputs);
      set.dispose();
      model.dispose();
      times.set(batch, openMs);
      this.#open = [...this.#open, { x: batch, y: (openMs * 1000) / batch }];
      this.#set = [...this.#set, { x: batch, y: (setMs * 1000) / batch }];
      this.#show();
    }
    open.dispose();
    findingsOf(this.#lesson).measured = times;
    const [first, last] = [this.#open[0], this.#open.at(-1)];
    const from = `measured here: the faster of ${REPEATS} profiles each`;
    this.#lesson.showNumber("batch.first", `${Math.round(first?.y ?? 0)} µs`, from);
    this.#lesson.showNumber("batch.last", `${Math.round(last?.y ?? 0)} µs`, from);
    this.#lesson.showNumber("batch.times", ((first?.y ?? 0) / (last?.y ?? 1)).toFixed(1), from);
    return {
      text: `A digit takes ${Math.round(first?.y ?? 0)} µs alone and ${Math.round(last?.y ?? 0)} µs in a batch of ${last?.x}.`,
    };
  }

  #show() {
    this.#drawing.describe(
      this.#open.length === 0
        ? "Nothing has been measured yet."
        : `Microseconds per digit by batch: ${this.#open.map(({ x, y }) => `${x}: ${Math.round(y)}`).join(", ")}.`,
    );
    this.#drawing.redraw();
  }

  get #plot(): Plot {
    const { symbol } = this.#lesson.reading;
    return {
      series: [
        { name: `${symbol} left open`, points: this.#open, colour: "probability" },
        { name: `${symbol} set`, points: this.#set, colour: "ink", dashed: true },
      ],
      x: { label: "images in the batch", ticks: BATCHES, log: true },
      y: { label: "µs a digit", format: (value) => String(Math.round(value)) },
    };
  }
}

/** Milliseconds of each plan's fastest profile. Plans alternate, so that a disturbance affects all of them. */
async function fastestMs(plans: readonly RemoteRunnable[], inputs: Tensors): Promise<number[]> {
  const best = plans.map(() => Number.POSITIVE_INFINITY);
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const [at, plan] of plans.entries()) {
      best[at] = Math.min(best[at] ?? 0, (await plan.profile(inputs)).ms);
    }
  }
  return best;
}
