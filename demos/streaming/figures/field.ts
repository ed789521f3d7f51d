import { bracket, cell, ghost, hairline, hatch } from "nnef-pulse/look";
import { framesOf, shortest, type Window, written } from "nnef-pulse/reading";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { Slider } from "../../kit/figures/slider.ts";
import type { BuildFigure, Lesson } from "../../kit/page/lesson.ts";
import { type Row, rowsOf, spansOf } from "./rows.ts";

const LABEL = 24;
const CELL = 22;
const GAP = 18;
const SIDE = 4;
/** Room for the bracket under the last row. */
const FOOT = 34;

/** Rows of cells: the selected output cell lights its receptive field in each row. */
export const figure: BuildFigure = async (stage, lesson) => {
  const pulsed = (await lesson.reading.archive("pulse")).view;
  const hasState = pulsed.scopes.graph.nodes.some(({ memory }) => memory?.kind === "scan");
  return new FieldFigure(stage, lesson, await lesson.reading.windows(), hasState);
};

class FieldFigure {
  readonly #lesson: Lesson;
  readonly #windows: readonly Window[];
  readonly #rows: readonly Row[];
  readonly #hasState: boolean;
  readonly #shortest: number;
  readonly #pulse: number;
  readonly #delay: number;
  readonly #drawing: Drawing;
  readonly #length: Slider;
  readonly #surface = document.createElement("div");
  #frame = 0;

  constructor(stage: HTMLElement, lesson: Lesson, windows: readonly Window[], hasState: boolean) {
    this.#windows = windows;
    this.#lesson = lesson;
    this.#hasState = hasState;
    this.#rows = rowsOf(windows);
    this.#shortest = shortest(windows);
    const made = lesson.reading.manifest.pulses[0];
    this.#pulse = made?.pulse ?? 1;
    this.#delay = made?.delay ?? 0;
    const step = this.#rows.at(-1)?.step ?? 1;
    lesson.showNumber(
      "pulse.frames",
      this.#pulse / step,
      "manifest.json · pulse, divided by the product of all strides",
    );
    const surface = this.#surface;
    surface.className = "surface";
    surface.tabIndex = 0;
    surface.role = "slider";
    surface.ariaLabel = "Selected output frame";
    const height = (this.#rows.length + 1) * (LABEL + CELL + GAP) + FOOT;
    this.#drawing = new Drawing(
      surface,
      () => height,
      "",
      (pen, size) => this.#paint(pen, size),
    );
    this.#drawing.canvas.ariaHidden = "true";
    this.#length = new Slider({
      label: lesson.reading.symbol,
      min: this.#shortest,
      max: this.#shortest + 12 * step,
      value: this.#start,
      format: (value) => `${value} frames`,
      onChange: () => this.#select(this.#frame),
    });
    stage.append(surface, this.#length.element);
    surface.addEventListener("keydown", (event) => this.#key(event));
    surface.addEventListener("pointerdown", (event) => this.#startDrag(event));
    this.reset();
  }

  reset() {
    this.#length.value = this.#start;
    this.#select(1);
  }

  get #start(): number {
    return this.#shortest + 4 * (this.#rows.at(-1)?.step ?? 1) + 3;
  }

  get #count(): number {
    const output = this.#rows.at(-1);
    return output ? framesOf(output.count, this.#length.value) : 0;
  }

  #select(frame: number) {
    const last = this.#count - 1;
    this.#frame = Math.max(0, Math.min(last, frame));
    const [input] = spansOf(this.#windows, this.#frame);
    const { symbol } = this.#lesson.reading;
    const from = `figure: output frame ${this.#frame} of ${symbol} = ${this.#length.value}`;
    this.#lesson.showNumber("selected", this.#frame, from);
    this.#lesson.showNumber("selected.from", input?.from ?? 0, from);
    this.#lesson.showNumber("selected.to", input?.to ?? 0, from);
    this.#lesson.showNumber("length", this.#length.value, "figure");
    this.#lesson.showNumber("length.frames", this.#count, from);
    Object.assign(this.#surface, {
      ariaValueMin: "0",
      ariaValueMax: String(last),
      ariaValueNow: String(this.#frame),
      ariaValueText: `output frame ${this.#frame} of ${this.#count}, made of input frames ${input?.from} to ${input?.to}`,
    });
    this.#drawing.redraw();
  }

  #key(event: KeyboardEvent) {
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: this.#frame - 1,
      ArrowDown: this.#frame - 1,
      ArrowRight: this.#frame + 1,
      ArrowUp: this.#frame + 1,
      Home: 0,
      End: this.#count - 1,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#select(to);
  }

  #startDrag(event: PointerEvent) {
    if (event.button !== 0) return;
    const surface = this.#surface;
    const follow = ({ clientX }: PointerEvent) => {
      const { left, width } = surface.getBoundingClientRect();
      const output = this.#rows.at(-1);
      if (!output) return;
      const input = (clientX - left - SIDE) / this.#unit(width) - 0.5;
      this.#select(Math.round((input - output.middle) / output.step));
    };
    const end = () => {
      surface.removeEventListener("pointermove", follow);
      surface.removeEventListener("pointerup", end);
      surface.removeEventListener("pointercancel", end);
    };
    surface.setPointerCapture(event.pointerId);
    surface.addEventListener("pointermove", follow);
    surface.addEventListener("pointerup", end);
    surface.addEventListener("pointercancel", end);
    follow(event);
  }

  /** Width of one input frame. */
  #unit(width: number): number {
    return (width - 2 * SIDE) / this.#length.value;
  }

  #paint(pen: Pen, { width }: Size) {
    const { context, palette } = pen;
    const unit = this.#unit(width);
    const spans = spansOf(this.#windows, this.#frame);
    const top = (row: number) => row * (LABEL + CELL + GAP) + LABEL;
    const x = (input: number) => SIDE + input * unit;
    const pulsedTop = top(this.#rows.length);
    // Not through the labels.
    for (let edge = 0; edge <= this.#length.value; edge += this.#pulse) {
      for (let row = 0; row <= this.#rows.length; row++) {
        hairline(context, x(edge) - 0.5, top(row) - 2, top(row) + CELL + GAP - 2, palette.hairline);
      }
    }
    this.#rows.forEach((row, at) => {
      const span = spans[at] ?? { from: 0, to: -1 };
      const left = (frame: number) =>
        x(row.middle + 0.5 + frame * row.step) - (row.step * unit) / 2;
      const next = this.#rows[at + 1];
      const nextSpan = spans[at + 1];
      if (next && nextSpan) {
        const nextLeft = x(next.middle + 0.5 + nextSpan.from * next.step) - (next.step * unit) / 2;
        const nextRight = nextLeft + (nextSpan.to - nextSpan.from + 1) * next.step * unit;
        funnel(
          context,
          [left(span.from), left(span.to + 1), top(at) + CELL],
          [nextLeft, nextRight, top(at + 1)],
          palette.probability,
        );
      }
      const count = framesOf(row.count, this.#length.value);
      for (let frame = 0; frame < count; frame++) {
        const isLit = frame >= span.from && frame <= span.to;
        const box = { x: left(frame) + 1, y: top(at), width: row.step * unit - 2, height: CELL };
        cell(context, box, isLit ? palette.probability : palette.muted);
        if (isLit) context.fillRect(box.x, box.y, box.width, box.height);
      }
      if (row.name === "output" && this.#hasState && this.#frame > 0) {
        context.fillStyle = hatch(context, palette.state);
        context.fillRect(left(0), top(at) + CELL + 4, left(this.#frame) - left(0), 6);
      }
      const expression = written(row.count, this.#lesson.reading.symbol);
      pen.label(row.name, SIDE, top(at) - 13, palette.ink);
      pen.label(`${expression} = ${count}`, width - SIDE, top(at) - 13, palette.muted, "right");
    });
    this.#paintPulsed(pen, width, pulsedTop, x);
  }

  /** Output frames of the pulsed model, drawn below the input frames during which they come out. */
  #paintPulsed(pen: Pen, width: number, y: number, x: (input: number) => number) {
    const { context, palette } = pen;
    const step = this.#rows.at(-1)?.step ?? 1;
    const slot = this.#frame + this.#delay;
    for (let at = 0; (at + 1) * step <= this.#length.value; at++) {
      const box = { x: x(at * step) + 1, y, width: x(step) - x(0) - 2, height: CELL };
      if (at < this.#delay) {
        ghost(context, box, palette.delay);
        continue;
      }
      cell(context, box, at === slot ? palette.probability : palette.muted);
      if (at === slot) context.fillRect(box.x, box.y, box.width, box.height);
    }
    pen.label("pulsed output", SIDE, y - 13, palette.ink);
    pen.label(`delay ${this.#delay}`, width - SIDE, y - 13, palette.delay, "right");
    const pulse = Math.floor((slot * step) / this.#pulse);
    const from = x(pulse * this.#pulse);
    const to = Math.min(width - SIDE, x((pulse + 1) * this.#pulse));
    const where = `pulse ${pulse}`;
    if (from < width - SIDE) {
      bracket(
        context,
        { x: from + 1, y: y + CELL + 6, width: to - from - 2, height: 6 },
        palette.ink,
      );
      context.font = pen.mono;
      const half = context.measureText(where).width / 2;
      const middle = Math.max(half, Math.min(width - half, (from + to) / 2));
      pen.label(where, middle, y + CELL + 24, palette.ink, "center");
    } else
      pen.label(`${where}: after this strip`, width - SIDE, y + CELL + 24, palette.delay, "right");
  }
}

function funnel(
  context: CanvasRenderingContext2D,
  [left, right, top]: readonly [number, number, number],
  [toLeft, toRight, bottom]: readonly [number, number, number],
  colour: string,
) {
  context.globalAlpha = 0.12;
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(left, top);
  context.lineTo(right, top);
  context.lineTo(toRight, bottom);
  context.lineTo(toLeft, bottom);
  context.fill();
  context.globalAlpha = 1;
}
