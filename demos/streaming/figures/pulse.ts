import { html, nothing, render } from "lit";
import { bracket, cell, hairline } from "nnef-pulse/look";
import { step } from "nnef-pulse/reading";
import { PulseError } from "tract-wasm";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import type { Engine } from "../../kit/page/engine.ts";
import type { BuildFigure, Lesson } from "../../kit/page/lesson.ts";

/** What the engine answered when asked to cut the model. */
type Answer =
  | {
      readonly pulse: number;
      readonly input: string;
      readonly output: string;
      readonly delay: number;
    }
  | { readonly pulse: number; readonly error: PulseError };

const CELL = 22;
const HEIGHT = 132;
/** Pulses drawn. */
const SHOWN = 3;

/** The engine cuts the model, here, into the pulse that is asked for. */
export const figure: BuildFigure = async (stage, lesson) => {
  const view = new Pulsing(
    stage,
    lesson,
    await lesson.engine(),
    step(await lesson.reading.windows()),
  );
  await view.ask(view.first);
  return view;
};

class Pulsing {
  readonly first: number;
  readonly #lesson: Lesson;
  readonly #engine: Engine;
  readonly #step: number;
  readonly #controls = document.createElement("div");
  readonly #said = document.createElement("div");
  readonly #drawing: Drawing;
  #answer: Answer | undefined;
  #turn = 0;

  constructor(stage: HTMLElement, lesson: Lesson, engine: Engine, every: number) {
    this.#lesson = lesson;
    this.#engine = engine;
    this.#step = every;
    this.first = lesson.reading.manifest.pulses[0]?.pulse ?? this.#step;
    const picture = document.createElement("div");
    this.#controls.className = "controls";
    this.#said.className = "said";
    this.#said.role = "status";
    stage.append(this.#controls, picture, this.#said);
    this.#drawing = new Drawing(
      picture,
      () => HEIGHT,
      "",
      (pen, size) => this.#paint(pen, size),
    );
    this.#render();
  }

  reset() {
    void this.ask(this.first);
  }

  async ask(pulse: number) {
    const turn = ++this.#turn;
    const answer = await cut(this.#engine, this.#lesson.reading.symbol, pulse);
    if (turn !== this.#turn) return;
    this.#answer = answer;
    this.#render();
    this.#drawing.redraw();
  }

  /** One step, one that is no multiple of it, the bundle's own, and twice that. */
  get #offered(): readonly number[] {
    const every = this.#step;
    const offered = new Set([every, Math.ceil(every * 1.5), this.first, 2 * this.first]);
    return [...offered].sort((a, b) => a - b);
  }

  #render() {
    const answer = this.#answer;
    render(
      html`<span class="control-name">${this.#lesson.reading.symbol} =</span>
        ${this.#offered.map(
          (pulse) =>
            html`<button class="button" type="button" aria-pressed=${answer?.pulse === pulse} @click=${() => this.ask(pulse)}>${pulse}</button>`,
        )}
        <input class="entry" type="number" min="1" max="512" aria-label="Another pulse" placeholder="…" @change=${(event: Event) => this.#other(event)} />`,
      this.#controls,
    );
    if (!answer) return;
    render(
      "error" in answer
        ? html`<p class="refused"><b aria-hidden="true">×</b> Refused: ${answer.error.message.replace(/\.?$/, ".")}</p>
            ${layerOf(answer.error)}`
        : html`<p class="accepted"><b aria-hidden="true">✓</b> Accepted.
            <code>${answer.input}</code> → <code>${answer.output}</code>, delay <span class="figure">${answer.delay}</span></p>`,
      this.#said,
    );
  }

  #other(event: Event) {
    const pulse = (event.target as HTMLInputElement).valueAsNumber;
    if (Number.isInteger(pulse) && pulse > 0) void this.ask(pulse);
  }

  #paint(pen: Pen, { width }: Size) {
    const answer = this.#answer;
    if (!answer) return;
    const { context, palette } = pen;
    const { pulse } = answer;
    const unit = (width - 8) / (pulse * SHOWN);
    const x = (frame: number) => 4 + frame * unit;
    const refused = "error" in answer;
    const [inputs, starts] = [28, 92];
    pen.label("input", 4, 12, palette.ink);
    pen.label("windows begin at", 4, starts - 14, palette.ink);
    for (let frame = 0; frame < pulse * SHOWN; frame++) {
      const isStart = frame % this.#step === 0;
      const box = { x: x(frame) + 0.5, y: inputs, width: Math.max(1, unit - 1), height: CELL };
      cell(context, box, isStart ? palette.probability : palette.muted);
      if (isStart) {
        const mark = { ...box, y: starts, width: Math.max(1, unit * this.#step - 1) };
        if (mark.x + mark.width <= width) cell(context, mark, palette.probability);
      }
    }
    for (let at = 0; at < SHOWN; at++) {
      // A pulse edge that falls inside a step is where the cut fails.
      const fails = (at * pulse) % this.#step !== 0;
      const colour = refused && fails ? palette.fault : palette.ink;
      const box = {
        x: x(at * pulse) + 1,
        y: inputs + CELL + 4,
        width: unit * pulse - 2,
        height: 6,
      };
      bracket(context, box, palette.ink);
      const edge = fails ? colour : palette.hairline;
      hairline(context, x(at * pulse) - 0.5, inputs - 4, inputs + CELL + 10, edge);
      hairline(context, x(at * pulse) - 0.5, starts, starts + CELL, edge);
      if (fails) pen.label("×", x(at * pulse), starts + CELL + 10, palette.fault, "center");
    }
    this.#drawing.tell(
      `${SHOWN} pulses of ${pulse} input frames; a window begins every ${this.#step} frames${refused ? ", which no longer falls on the pulses' edges" : ""}.`,
    );
  }
}

/** The engine's own line for the layer that refused, where its sentence does not have it. */
function layerOf({ message, causes }: PulseError) {
  const line = causes.find((cause) => !message.includes(cause));
  return line ? html`<p class="causes">${line}</p>` : nothing;
}

async function cut(engine: Engine, symbol: string, pulse: number): Promise<Answer> {
  try {
    const model = await engine.whole.pulse(symbol, pulse);
    const [input, output] = [model.inputs[0]?.fact ?? "", model.outputs[0]?.fact ?? ""];
    const delay = Number(model.properties["pulse.delay"]);
    model.dispose();
    return { pulse, input, output, delay };
  } catch (error) {
    if (error instanceof PulseError) return { pulse, error };
    throw error;
  }
}
