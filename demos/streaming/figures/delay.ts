import { shown } from "nnef-pulse/reading";
import { type CurvePicture, curvesHeight, paintCurves } from "../../kit/figures/curves.ts";
import { Drawing } from "../../kit/figures/drawing.ts";
import { Slider } from "../../kit/figures/slider.ts";
import { countOf } from "../../kit/figures/text.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import type { Verdict } from "../../kit/page/task.ts";
import { findingsOf } from "../findings.ts";
import { largestDifference, runPulsed, runWhole, stripOf } from "../strip.ts";
import { eventOf, peaks } from "./events.ts";

/** Whole and pulsed output of one strip. The reader moves the pulsed curve until the difference is flat. */
export const figure: BuildFigure = async (stage, lesson) => {
  const engine = await lesson.engine();
  const strip = await stripOf(lesson);
  const [made] = lesson.reading.manifest.pulses;
  if (!made) throw new Error("this bundle has no pulsed form");
  const whole = await runWhole(engine, engine.whole, strip);
  const model = await engine.load(made.file);
  const count = whole.length + made.delay;
  const pulsed = await runPulsed(model, strip, count);
  model.dispose();
  const proof = lesson.reading.manifest.verified.find(({ claim }) => claim === "pulsed");
  return new DelayFigure(stage, lesson, { whole, pulsed }, proof?.tolerance ?? 1e-5);
};

interface Runs {
  readonly whole: readonly Float32Array[];
  readonly pulsed: readonly Float32Array[];
}

class DelayFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #runs: Runs;
  readonly #tolerance: number;
  readonly #curves: { readonly whole: readonly number[]; readonly pulsed: readonly number[] };
  readonly #slider: Slider;
  readonly #drawing: Drawing;
  readonly #status = document.createElement("p");

  constructor(stage: HTMLElement, lesson: Lesson, runs: Runs, tolerance: number) {
    this.#lesson = lesson;
    this.#runs = runs;
    this.#tolerance = tolerance;
    this.#curves = { whole: runs.whole.map(eventOf), pulsed: runs.pulsed.map(eventOf) };
    const picture = document.createElement("div");
    this.#status.className = "result";
    this.#status.role = "status";
    this.#slider = new Slider({
      label: "Move the pulsed curve back",
      min: 0,
      max: Math.max(6, 2 * this.#delay),
      value: 0,
      format: (value) => countOf(value, "frame"),
      onChange: () => this.#moved(),
    });
    stage.append(picture, this.#slider.element, this.#status);
    this.#drawing = new Drawing(picture, curvesHeight, "", (pen, size) =>
      paintCurves(pen, size, this.#picture()),
    );
    findingsOf(lesson).shift = this;
    this.#showPeaks();
    this.#moved();
  }

  get shift(): number {
    return this.#slider.value;
  }

  reset() {
    this.#slider.value = 0;
    this.#moved();
  }

  verdict(): Verdict {
    const { value, frame } = this.#difference();
    if (value <= this.#tolerance) {
      return {
        right: true,
        reason: `Moved by ${countOf(this.shift, "frame")}, the curves differ by ${shown(round(value))} at most, over ${this.#runs.whole.length} frames and every class. The archive calls this number pulse.delay.`,
      };
    }
    const [first = 0] = peaks(this.#curves.whole);
    const late =
      this.#delay + (peaks(this.#curves.pulsed.slice(this.#delay))[0] ?? 0) - this.shift - first;
    const side =
      late > 0
        ? `${countOf(late, "frame")} too late`
        : late < 0
          ? `${countOf(-late, "frame")} too early`
          : "in place";
    return {
      right: false,
      reason: `Moved by ${countOf(this.shift, "frame")}, the curves still differ by ${shown(round(value))}, most at frame ${frame}. The first event is at frame ${first} of the whole model, and ${side} in the pulsed curve.`,
    };
  }

  get #delay(): number {
    return this.#lesson.reading.manifest.pulses[0]?.delay ?? 0;
  }

  /** Over the frames that both curves have after the move. */
  #difference() {
    return largestDifference(this.#runs.whole, this.#runs.pulsed.slice(this.shift));
  }

  /** Fills the prose's peak numbers. */
  #showPeaks() {
    const { whole, pulsed } = this.#curves;
    const from = `computed here: both runs of ${this.#runs.whole.length} frames`;
    const [first] = peaks(whole);
    const [certain] = peaks(pulsed.slice(this.#delay));
    if (first === undefined || certain === undefined) return;
    this.#lesson.showNumber("peak.whole", first, from);
    this.#lesson.showNumber("peak.pulsed", certain + this.#delay, from);
  }

  #moved() {
    const { value } = this.#difference();
    const flat = value <= this.#tolerance;
    this.#status.textContent = `Largest difference: ${shown(round(value))}${flat ? ", flat" : ""}`;
    this.#status.dataset.right = String(flat);
    this.#drawing.describe(
      `Two curves of events over frames, the pulsed one moved back by ${this.shift}; they differ by ${shown(round(value))} at most.`,
    );
    this.#drawing.redraw();
  }

  #picture(): CurvePicture {
    const { whole, pulsed } = this.#curves;
    const { shift } = this;
    return {
      frames: pulsed.length,
      tolerance: this.#tolerance,
      curves: [
        { name: "whole", values: whole, from: 0, colour: "ink" },
        {
          name: "pulsed",
          values: pulsed,
          from: -shift,
          colour: "probability",
          dashed: true,
          ghosts: this.#delay,
        },
      ],
      difference: whole.map((value, frame) => {
        const other = pulsed[frame + shift];
        return other === undefined ? undefined : Math.abs(value - other);
      }),
    };
  }
}

/** Two digits are enough for a difference. */
const round = (value: number): number => Number(value.toPrecision(2));
