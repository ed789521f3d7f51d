import { shown } from "nnef-pulse/reading";
import { type CurvePicture, curvesHeight, paintCurves } from "../../kit/figures/curves.ts";
import { Drawing } from "../../kit/figures/drawing.ts";
import { Slider } from "../../kit/figures/slider.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import type { Verdict } from "../../kit/page/task.ts";
import { knownOf } from "../findings.ts";
import { largestDifference, runPulsed, runWhole, stripOf } from "../strip.ts";
import { eventOf, peaks } from "./events.ts";

/** Whole and pulsed output of one strip, the second to be moved until their difference is flat. */
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
  return new Delay(stage, lesson, { whole, pulsed }, proof?.tolerance ?? 1e-5);
};

interface Runs {
  readonly whole: readonly Float32Array[];
  readonly pulsed: readonly Float32Array[];
}

class Delay implements Figure {
  readonly #lesson: Lesson;
  readonly #runs: Runs;
  readonly #tolerance: number;
  readonly #curves: { readonly whole: readonly number[]; readonly pulsed: readonly number[] };
  readonly #slider: Slider;
  readonly #drawing: Drawing;
  readonly #said = document.createElement("p");

  constructor(stage: HTMLElement, lesson: Lesson, runs: Runs, tolerance: number) {
    this.#lesson = lesson;
    this.#runs = runs;
    this.#tolerance = tolerance;
    this.#curves = { whole: runs.whole.map(eventOf), pulsed: runs.pulsed.map(eventOf) };
    const picture = document.createElement("div");
    this.#said.className = "said";
    this.#said.role = "status";
    this.#slider = new Slider({
      label: "Move the pulsed curve back",
      min: 0,
      max: Math.max(6, 2 * this.#delay),
      value: 0,
      shown: (value) => `${value} frames`,
      moved: () => this.#moved(),
    });
    stage.append(picture, this.#slider.element, this.#said);
    this.#drawing = new Drawing(picture, curvesHeight, "", (pen, size) =>
      paintCurves(pen, size, this.#picture()),
    );
    knownOf(lesson).shift = this;
    this.#tell();
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
        reason: `Moved by ${this.shift}, the curves differ by ${shown(round(value))} at most, over ${this.#runs.whole.length} frames and every class. ${this.shift} is what the archive calls pulse.delay.`,
      };
    }
    const [first = 0] = peaks(this.#curves.whole);
    const late =
      this.#delay + (peaks(this.#curves.pulsed.slice(this.#delay))[0] ?? 0) - this.shift - first;
    const side = late > 0 ? `${late} too late` : late < 0 ? `${-late} too early` : "in place";
    return {
      right: false,
      reason: `Moved by ${this.shift}, they still differ by ${shown(round(value))}, most at frame ${frame}: the first event, at frame ${first} of the whole, stands ${side} in the pulsed curve.`,
    };
  }

  get #delay(): number {
    return this.#lesson.reading.manifest.pulses[0]?.delay ?? 0;
  }

  /** Over what both have, once the pulsed frames are moved. */
  #difference() {
    return largestDifference(this.#runs.whole, this.#runs.pulsed.slice(this.shift));
  }

  /** What the prose says of the two runs. */
  #tell() {
    const { whole, pulsed } = this.#curves;
    const from = `computed here: both runs of ${this.#runs.whole.length} frames`;
    const [first] = peaks(whole);
    const [certain] = peaks(pulsed.slice(this.#delay));
    if (first === undefined || certain === undefined) return;
    this.#lesson.say("peak.whole", first, from);
    this.#lesson.say("peak.pulsed", certain + this.#delay, from);
  }

  #moved() {
    const { value } = this.#difference();
    const flat = value <= this.#tolerance;
    this.#said.textContent = `Largest difference: ${shown(round(value))}${flat ? ", flat" : ""}`;
    this.#said.dataset.right = String(flat);
    this.#drawing.tell(
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

/** To two digits: what is shown is a difference, not a result. */
const round = (value: number): number => Number(value.toPrecision(2));
