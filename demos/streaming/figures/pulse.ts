import { html, nothing, render } from "lit";
import { bracket, cell, hairline } from "nnef-pulse/look";
import { step } from "nnef-pulse/reading";
import { PulseError } from "tract-wasm";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import type { Engine } from "../../kit/page/engine.ts";
import type { BuildFigure, Lesson } from "../../kit/page/lesson.ts";

/** The engine's answer to a request to pulse the model. */
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
/** Number of pulses drawn. */
const SHOWN = 3;

/** Pulses the model in the engine with the pulse the reader chooses. */
export const figure: BuildFigure = async (stage, lesson) => {
  const view = new PulseFigure(
    stage,
    lesson,
    await lesson.engine(),
    step(await lesson.reading.windows()),
  );
  await view.choose(view.initialPulse);
  return view;
};

class PulseFigure {
  readonly initialPulse: number;
  readonly #lesson: Lesson;
  readonly #engine: Engine;
  readonly #step: number;
  readonly #controls = document.createElement("div");
  readonly #status = document.createElement("div");
  readonly #drawing: Drawing;
  #answer: Answer | undefined;
  #requestId = 0;

  constructor(stage: HTMLElement, lesson: Lesson, engine: Engine, every: number) {
    this.#lesson = lesson;
    this.#engine = engine;
    this.#step = every;
    this.initialPulse = lesson.reading.manifest.pulses[0]?.pulse ?? this.#step;
    const picture = document.createElement("div");
    this.#controls.className = "controls";
    this.#status.className = "result";
    this.#status.role = "status";
    stage.append(this.#controls, picture, this.#status);
    this.#drawing = new Drawing(
      picture,
      () => HEIGHT,
      "",
      (pen, size) => this.#paint(pen, size),
    );
    this.#render();
  }

  reset() {
    void this.choose(this.initialPulse);
  }

  async choose(pulse: number) {
    const requestId = ++this.#requestId;
    const answer = await pulseModel(this.#engine, this.#lesson.reading.symbol, pulse);
    if (requestId !== this.#requestId) return;
    this.#answer = answer;
    this.#render();
    this.#drawing.redraw();
  }

  /** The step, a size that is not a multiple of it, the bundle's pulse, and twice that. */
  get #choices(): readonly number[] {
    const every = this.#step;
    const choices = new Set([
      every,
      Math.ceil(every * 1.5),
      this.initialPulse,
      2 * this.initialPulse,
    ]);
    return [...choices].sort((a, b) => a - b);
  }

  #render() {
    const answer = this.#answer;
    render(
      html`<span class="control-name">${this.#lesson.reading.symbol} =</span>
        ${this.#choices.map(
          (pulse) =>
            html`<button class="button" type="button" aria-pressed=${answer?.pulse === pulse} @click=${() => this.choose(pulse)}>${pulse}</button>`,
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
      this.#status,
    );
  }

  #other(event: Event) {
    const pulse = (event.target as HTMLInputElement).valueAsNumber;
    if (Number.isInteger(pulse) && pulse > 0) void this.choose(pulse);
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
      // The engine refuses a pulse whose edge falls inside a step.
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
    this.#drawing.describe(
      `${SHOWN} pulses of ${pulse} input frames; a window begins every ${this.#step} frames${refused ? ", so some pulses begin between windows" : ""}.`,
    );
  }
}

/** The cause that names the layer, if the message does not. */
function layerOf({ message, causes }: PulseError) {
  const line = causes.find((cause) => !message.includes(cause));
  return line ? html`<p class="causes">${line}</p>` : nothing;
}

async function pulseModel(engine: Engine, symbol: string, pulse: number): Promise<Answer> {
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
