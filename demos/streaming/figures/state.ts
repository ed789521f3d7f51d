import { cell, ghost, hatch, stateCell } from "nnef-pulse/look";
import type { Window } from "nnef-pulse/reading";
import type { Trace } from "tract-wasm";
import type { RemoteState } from "tract-wasm/worker";
import { button, controls } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { only } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { frames, rows, type Strip, stripOf } from "../strip.ts";
import { eventOf } from "./events.ts";
import { type Memory, memoriesIn } from "./memory.ts";

/** One output frame as it came, and what it stands for. */
interface Out {
  readonly value: number;
  /** Which frame since the last reset, the delay taken off; below 0 it stands for nothing. */
  readonly stands: number;
  readonly expected: number | undefined;
}

const ROW = 62;
const CELL = 26;
/** How far from the reference a frame may be. */
const TOLERANCE = 1e-3;
const SPEED_MS = 250;

export const figure: BuildFigure = async (stage, lesson) => {
  const engine = await lesson.engine();
  const strip = await stripOf(lesson);
  const [made] = lesson.reading.manifest.pulses;
  if (!made) throw new Error("this bundle has no pulsed form");
  // Unoptimised, so that each operation of the text stays a node of its own.
  const model = await engine.whole.pulse(made.symbol, made.pulse);
  const runnable = await model.prepare({ optimize: false });
  const state = await runnable.spawnState();
  const view = new Stepper(stage, lesson, await lesson.reading.windows(), strip, state, made);
  await view.reset();
  return view;
};

class Stepper implements Figure {
  readonly #lesson: Lesson;
  readonly #windows: readonly Window[];
  readonly #strip: Strip;
  readonly #state: RemoteState;
  readonly #pulse: number;
  readonly #delay: number;
  readonly #drawing: Drawing;
  readonly #said = document.createElement("p");
  readonly #play: HTMLButtonElement;
  #kept: readonly Memory[] = [];
  #out: Out[] = [];
  /** Pulses fed since the strip began, and since the state was last empty. */
  #fed = 0;
  #since = 0;
  #busy = Promise.resolve();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    stage: HTMLElement,
    lesson: Lesson,
    windows: readonly Window[],
    strip: Strip,
    state: RemoteState,
    { pulse, delay }: { readonly pulse: number; readonly delay: number },
  ) {
    this.#lesson = lesson;
    this.#windows = windows;
    this.#strip = strip;
    this.#state = state;
    this.#pulse = pulse;
    this.#delay = delay;
    const step = button("Step", () => this.#queue(() => this.#step()));
    step.classList.add("filled");
    this.#play = button("Play", () => this.#toggle());
    const picture = document.createElement("div");
    this.#said.className = "said";
    this.#said.role = "status";
    stage.append(
      controls(
        step,
        this.#play,
        button("Reset state", () => this.#queue(() => this.#forget())),
        button("Start over", () => this.#queue(() => this.reset())),
      ),
      picture,
      this.#said,
    );
    const kept = windows.length + 1;
    this.#drawing = new Drawing(
      picture,
      () => (kept + 2) * ROW,
      "",
      (pen, size) => this.#paint(pen, size),
    );
  }

  async reset() {
    this.#stop();
    this.#fed = 0;
    this.#out = [];
    if (this.#kept.length === 0) this.#kept = memoriesIn(await this.#probe(), this.#windows);
    await this.#forget();
    this.#said.textContent = `${this.#pulses} pulses to come. Press Step.`;
    delete this.#said.dataset.right;
  }

  get #pulses(): number {
    return Math.ceil(this.#strip.frames / this.#pulse);
  }

  /** The engine's state is emptied; the strip goes on where it is. */
  async #forget() {
    await this.#state.reset();
    this.#since = 0;
    this.#kept = this.#kept.map((each) => ({ ...each, cells: each.cells.map(() => null) }));
    this.#show();
  }

  /** One pulse of a state that is thrown away: what there is to be kept. */
  async #probe(): Promise<Trace> {
    const state = await this.#state.clone();
    try {
      const input = frames(this.#strip.input, 0, this.#pulse);
      return await state.trace({ [this.#strip.name]: input }, { timing: false });
    } finally {
      state.dispose();
    }
  }

  async #step() {
    if (this.#fed >= this.#pulses) {
      this.#stop();
      return;
    }
    const input = frames(this.#strip.input, this.#fed * this.#pulse, this.#pulse);
    const trace = await this.#state.trace({ [this.#strip.name]: input }, { timing: false });
    const made = rows(only(trace.outputs));
    for (const [at, frame] of made.entries()) {
      const stands = this.#since * made.length + at - this.#delay;
      const whole = this.#fed * made.length + at - this.#delay;
      const expected = this.#strip.expected[whole];
      this.#out.push({
        value: eventOf(frame),
        stands,
        expected: expected && eventOf(expected),
      });
    }
    this.#kept = memoriesIn(trace, this.#windows);
    this.#fed++;
    this.#since++;
    this.#show();
  }

  #toggle() {
    if (this.#timer) return this.#stop();
    this.#play.textContent = "Pause";
    this.#timer = setInterval(() => this.#queue(() => this.#step()), SPEED_MS);
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#play.textContent = "Play";
  }

  /** One after the other, in the order pressed. */
  #queue(what: () => Promise<void>) {
    this.#busy = this.#busy.then(what).catch((error: unknown) => {
      this.#stop();
      this.#said.textContent = error instanceof Error ? error.message : String(error);
    });
  }

  #show() {
    const certain = this.#out.filter(({ stands }) => stands >= 0);
    const off = certain.filter(leaves).length;
    const last = this.#fed >= this.#pulses;
    const parts = [`Pulse ${this.#fed} of ${this.#pulses}`];
    if (this.#out.length > 0) parts.push(`${certain.length} frames that stand for something`);
    if (off > 0) parts.push(`${off} leave the reference`);
    else if (certain.length > 0) parts.push("all equal the reference");
    if (last) parts.push("the strip has ended");
    this.#said.textContent = `${parts.join(" · ")}.`;
    if (certain.length > 0) this.#said.dataset.right = String(off === 0);
    const from = `figure: after ${this.#fed} pulses`;
    this.#lesson.say("state.pulses", this.#fed, from);
    this.#lesson.say("state.off", off, from);
    this.#drawing.tell(
      `${this.#kept.map(({ name, cells }) => `${name}: ${cells.filter((each) => each !== null).length} of ${cells.length} cells filled`).join("; ")}. ${this.#said.textContent}`,
    );
    this.#drawing.redraw();
  }

  #paint(pen: Pen, { width }: Size) {
    const { context, palette } = pen;
    const fill = hatch(context, palette.state);
    this.#input(pen, width);
    for (const [at, { name, size, cells }] of this.#kept.entries()) {
      const y = (at + 1) * ROW;
      pen.label(name, 4, y + 12, palette.ink);
      pen.label(size, width - 4, y + 12, palette.muted, "right");
      const wide = Math.min(40, (width - 8) / cells.length);
      const most = Math.max(1e-6, ...cells.map((each) => Math.abs(each ?? 0)));
      cells.forEach((value, index) => {
        const box = { x: 4 + index * wide, y: y + 24, width: Math.max(1, wide - 2), height: CELL };
        if (wide > 6) {
          context.strokeStyle = palette.state;
          context.lineWidth = 1;
          context.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
        }
        if (value !== null) stateCell(context, box, value / most, palette.state, fill);
      });
    }
    this.#outputs(pen, width, (this.#windows.length + 2) * ROW);
  }

  /** The strip, its present pulse lit. */
  #input(pen: Pen, width: number) {
    const { context, palette } = pen;
    const wide = (width - 8) / (this.#pulses * this.#pulse);
    pen.label("input", 4, 12, palette.ink);
    const now = this.#fed - 1;
    for (let frame = 0; frame < this.#strip.frames; frame++) {
      const pulse = Math.floor(frame / this.#pulse);
      const box = { x: 4 + frame * wide, y: 24, width: Math.max(1, wide - 1), height: CELL };
      if (pulse > now) context.globalAlpha = 0.4;
      cell(context, box, pulse === now ? palette.probability : palette.muted);
      context.globalAlpha = 1;
    }
  }

  #outputs(pen: Pen, width: number, y: number) {
    const { context, palette } = pen;
    pen.label("output", 4, y + 12, palette.ink);
    const each = Math.max(1, this.#out.length / Math.max(1, this.#fed));
    const wide = (width - 8) / (this.#pulses * each);
    for (const [at, out] of this.#out.entries()) {
      const box = { x: 4 + at * wide, y: y + 24, width: Math.max(2, wide - 2), height: CELL };
      if (out.stands < 0) {
        ghost(context, box, palette.delay);
        continue;
      }
      const colour = leaves(out) ? palette.fault : palette.probability;
      const height = Math.max(2, out.value * CELL);
      cell(context, { ...box, y: box.y + CELL - height, height }, colour);
      if (leaves(out)) pen.label("×", box.x + box.width / 2, box.y - 4, palette.fault, "center");
    }
  }
}

const leaves = ({ value, expected }: Out): boolean =>
  expected !== undefined && Math.abs(value - expected) > TOLERANCE;
