import { cell, ghost, hatch, stateCell } from "nnef-pulse/look";
import type { Window } from "nnef-pulse/reading";
import type { Trace } from "tract-wasm";
import type { RemoteState } from "tract-wasm/worker";
import { button, controls } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { countOf } from "../../kit/figures/text.ts";
import { onlyOutput } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { frames, rows, type Strip, stripOf } from "../strip.ts";
import { eventOf } from "./events.ts";
import { type Memory, memoriesIn } from "./memory.ts";

/** One output frame of the stream. */
interface OutputFrame {
  readonly value: number;
  /** Frame number since the last reset, minus the delay; negative for padding. */
  readonly frame: number;
  readonly expected: number | undefined;
}

const ROW = 62;
const CELL = 26;
/** Largest difference from the reference that counts as equal. */
const TOLERANCE = 1e-3;
const SPEED_MS = 250;

export const figure: BuildFigure = async (stage, lesson) => {
  const engine = await lesson.engine();
  const strip = await stripOf(lesson);
  const [made] = lesson.reading.manifest.pulses;
  if (!made) throw new Error("this bundle has no pulsed form");
  // Optimising would merge operations; each must stay a node with a visible state.
  const model = await engine.whole.pulse(made.symbol, made.pulse);
  const runnable = await model.prepare({ optimize: false });
  const state = await runnable.spawnState();
  const view = new StateFigure(stage, lesson, await lesson.reading.windows(), strip, state, made);
  await view.reset();
  return view;
};

class StateFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #windows: readonly Window[];
  readonly #strip: Strip;
  readonly #state: RemoteState;
  readonly #pulse: number;
  readonly #delay: number;
  readonly #drawing: Drawing;
  readonly #status = document.createElement("p");
  readonly #play: HTMLButtonElement;
  #memories: readonly Memory[] = [];
  #outputs: OutputFrame[] = [];
  /** Pulses sent since the strip began, and since the last reset. */
  #sentPulses = 0;
  #pulsesSinceReset = 0;
  #queueEnd = Promise.resolve();
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
    this.#status.className = "result";
    this.#status.role = "status";
    stage.append(
      controls(
        step,
        this.#play,
        button("Reset state", () => this.#queue(() => this.#resetState())),
        button("Start over", () => this.#queue(() => this.reset())),
      ),
      picture,
      this.#status,
    );
    const memories = windows.length + 1;
    this.#drawing = new Drawing(
      picture,
      () => (memories + 2) * ROW,
      "",
      (pen, size) => this.#paint(pen, size),
    );
  }

  async reset() {
    this.#stop();
    this.#sentPulses = 0;
    this.#outputs = [];
    if (this.#memories.length === 0)
      this.#memories = memoriesIn(await this.#traceOnce(), this.#windows);
    await this.#resetState();
    this.#status.textContent = `The strip has ${countOf(this.#pulses, "pulse")}. Press Step.`;
    delete this.#status.dataset.right;
  }

  get #pulses(): number {
    return Math.ceil(this.#strip.frames / this.#pulse);
  }

  /** Empties the engine's state; the strip continues where it is. */
  async #resetState() {
    await this.#state.reset();
    this.#pulsesSinceReset = 0;
    this.#memories = this.#memories.map((each) => ({ ...each, cells: each.cells.map(() => null) }));
    this.#show();
  }

  /** Traces one pulse on a copy of the state, to find the memories. */
  async #traceOnce(): Promise<Trace> {
    const state = await this.#state.clone();
    try {
      const input = frames(this.#strip.input, 0, this.#pulse);
      return await state.trace({ [this.#strip.name]: input }, { timing: false });
    } finally {
      state.dispose();
    }
  }

  async #step() {
    if (this.#sentPulses >= this.#pulses) {
      this.#stop();
      return;
    }
    const input = frames(this.#strip.input, this.#sentPulses * this.#pulse, this.#pulse);
    const trace = await this.#state.trace({ [this.#strip.name]: input }, { timing: false });
    const made = rows(onlyOutput(trace.outputs));
    for (const [at, frame] of made.entries()) {
      const sinceReset = this.#pulsesSinceReset * made.length + at - this.#delay;
      const whole = this.#sentPulses * made.length + at - this.#delay;
      const expected = this.#strip.expected[whole];
      this.#outputs.push({
        value: eventOf(frame),
        frame: sinceReset,
        expected: expected && eventOf(expected),
      });
    }
    this.#memories = memoriesIn(trace, this.#windows);
    this.#sentPulses++;
    this.#pulsesSinceReset++;
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

  /** Runs actions one after the other. */
  #queue(action: () => Promise<void>) {
    this.#queueEnd = this.#queueEnd.then(action).catch((error: unknown) => {
      this.#stop();
      this.#status.textContent = error instanceof Error ? error.message : String(error);
    });
  }

  #show() {
    const valid = this.#outputs.filter((output) => output.frame >= 0);
    const wrong = valid.filter(differs).length;
    const last = this.#sentPulses >= this.#pulses;
    const parts = [`Pulse ${this.#sentPulses} of ${this.#pulses}`];
    if (this.#outputs.length > 0) parts.push(countOf(valid.length, "valid frame"));
    if (wrong > 0)
      parts.push(
        `${countOf(wrong, "frame")} ${wrong === 1 ? "differs" : "differ"} from the reference`,
      );
    else if (valid.length > 0) parts.push("all equal the reference");
    if (last) parts.push("the strip has ended");
    this.#status.textContent = `${parts.join(" · ")}.`;
    if (valid.length > 0) this.#status.dataset.right = String(wrong === 0);
    const from = `figure: after ${countOf(this.#sentPulses, "pulse")}`;
    this.#lesson.showNumber("state.pulses", this.#sentPulses, from);
    this.#lesson.showNumber("state.off", wrong, from);
    this.#drawing.describe(
      `${this.#memories.map(({ name, cells }) => `${name}: ${cells.filter((each) => each !== null).length} of ${cells.length} cells filled`).join("; ")}. ${this.#status.textContent}`,
    );
    this.#drawing.redraw();
  }

  #paint(pen: Pen, { width }: Size) {
    const { context, palette } = pen;
    const fill = hatch(context, palette.state);
    this.#paintInput(pen, width);
    for (const [at, { name, size, cells }] of this.#memories.entries()) {
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
    this.#paintOutputs(pen, width, (this.#windows.length + 2) * ROW);
  }

  /** The strip, with its current pulse highlighted. */
  #paintInput(pen: Pen, width: number) {
    const { context, palette } = pen;
    const wide = (width - 8) / (this.#pulses * this.#pulse);
    pen.label("input", 4, 12, palette.ink);
    const now = this.#sentPulses - 1;
    for (let frame = 0; frame < this.#strip.frames; frame++) {
      const pulse = Math.floor(frame / this.#pulse);
      const box = { x: 4 + frame * wide, y: 24, width: Math.max(1, wide - 1), height: CELL };
      if (pulse > now) context.globalAlpha = 0.4;
      cell(context, box, pulse === now ? palette.probability : palette.muted);
      context.globalAlpha = 1;
    }
  }

  #paintOutputs(pen: Pen, width: number, y: number) {
    const { context, palette } = pen;
    pen.label("output", 4, y + 12, palette.ink);
    const each = Math.max(1, this.#outputs.length / Math.max(1, this.#sentPulses));
    const wide = (width - 8) / (this.#pulses * each);
    for (const [at, out] of this.#outputs.entries()) {
      const box = { x: 4 + at * wide, y: y + 24, width: Math.max(2, wide - 2), height: CELL };
      if (out.frame < 0) {
        ghost(context, box, palette.delay);
        continue;
      }
      const colour = differs(out) ? palette.fault : palette.probability;
      const height = Math.max(2, out.value * CELL);
      cell(context, { ...box, y: box.y + CELL - height, height }, colour);
      if (differs(out)) pen.label("×", box.x + box.width / 2, box.y - 4, palette.fault, "center");
    }
  }
}

const differs = ({ value, expected }: OutputFrame): boolean =>
  expected !== undefined && Math.abs(value - expected) > TOLERANCE;
