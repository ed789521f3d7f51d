import { html, render, type TemplateResult } from "lit";
import { TractError } from "tract-wasm";
import type { RemoteModel, RemoteRunnable } from "tract-wasm/worker";
import { statusLine } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { Slider } from "../../kit/figures/slider.ts";
import type { BuildFigure, Figure } from "../../kit/page/lesson.ts";
import { Decoder, maxPositions } from "../model/decoder.ts";
import { ANSWER_TOKENS, QUESTION_TOKENS } from "../model/sums.ts";

/** Sizes beyond the assert's limit on the sliders. */
const BEYOND = 4;
const FOOT = 24;
const LEFT = 28;
/** Initial sizes in neither mode: a second question in one run. */
const INITIAL = { tokens: QUESTION_TOKENS, past: QUESTION_TOKENS + ANSWER_TOKENS + 1 };

/** What the engine knows of the model in a mode. */
interface ModeSummary {
  readonly name: string;
  /** `S==1`; empty for no mode. */
  readonly fixes: string;
  /** Number of operations before optimisation. */
  readonly operations: number;
  /** Facts of inputs and outputs, by name. */
  readonly facts: ReadonlyMap<string, string>;
  /** Wires with number sizes only, constants excluded. */
  readonly fixed: number;
  readonly wires: number;
}

/** A map of all S and P, and the engine's answer for the selected pair. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const known = [await summarizeMode("any", "", whole)];
  for (const [name, [condition = ""]] of Object.entries(whole.modes)) {
    const [, symbol, value] = /^(\w+)\s*==\s*(\d+)$/.exec(condition) ?? [];
    if (symbol === undefined) continue;
    const model = await whole.setSymbols({ [symbol]: Number(value) });
    known.push(await summarizeMode(name, condition, model));
    model.dispose();
  }
  const decoder = await Decoder.of(lesson);
  lesson.showNumber(
    "modes.gone",
    await removedOperations(whole, decoder),
    "tract-wasm: operations of both plans",
  );
  for (const { name, fixed, wires } of known) {
    const from = `tract-wasm: graph() of the model, ${name === "any" ? "as it is" : `in mode ${name}`}`;
    lesson.showNumber(`modes.${name}`, fixed, from);
    lesson.showNumber("modes.wires", wires, from);
  }
  const view = new ModesFigure(stage, decoder, maxPositions(lesson.reading), known);
  await view.update();
  return view;
};

class ModesFigure implements Figure {
  readonly #decoder: Decoder;
  readonly #most: number;
  readonly #past: Slider;
  readonly #tokens: Slider;
  readonly #drawing: Drawing;
  readonly #status = statusLine("div");
  #isRefused = false;
  #requestId = 0;

  constructor(stage: HTMLElement, decoder: Decoder, most: number, known: readonly ModeSummary[]) {
    this.#decoder = decoder;
    this.#most = most;
    const slider = (label: string, min: number, value: number) =>
      new Slider({ label, min, max: most + BEYOND, value, onChange: () => void this.update() });
    this.#tokens = slider("S, new tokens", 0, INITIAL.tokens);
    this.#past = slider("P, cached tokens", 0, INITIAL.past);
    const picture = document.createElement("div");
    picture.className = "map";
    const table = document.createElement("div");
    table.className = "facts";
    table.tabIndex = 0;
    table.role = "region";
    table.ariaLabel = "What is known in each mode";
    render(tableOf(known), table);
    stage.append(picture, this.#tokens.element, this.#past.element, this.#status, table);
    this.#drawing = new Drawing(
      picture,
      (width) => Math.min(width, 300),
      "",
      (pen, size) => this.#paint(pen, size),
    );
    const point = (event: PointerEvent) => {
      const { width, height } = picture.getBoundingClientRect();
      const place = (at: number, of: number) => Math.floor((at / of) * this.#sizes);
      const across = place(event.offsetX - LEFT, width - LEFT);
      const up = place(height - FOOT - event.offsetY, height - FOOT);
      this.#past.value = Math.max(0, Math.min(this.#sizes - 1, across));
      this.#tokens.value = Math.max(0, Math.min(this.#sizes - 1, up));
      void this.update();
    };
    picture.addEventListener("pointerdown", (event) => {
      picture.setPointerCapture(event.pointerId);
      point(event);
    });
    picture.addEventListener("pointermove", (event) => {
      if (picture.hasPointerCapture(event.pointerId)) point(event);
    });
  }

  reset() {
    this.#tokens.value = INITIAL.tokens;
    this.#past.value = INITIAL.past;
    void this.update();
  }

  async update() {
    const requestId = ++this.#requestId;
    const [tokens, past] = [this.#tokens.value, this.#past.value];
    const answer = await this.#send(tokens, past);
    if (requestId !== this.#requestId) return;
    this.#isRefused = answer instanceof TractError;
    render(
      answer instanceof TractError
        ? html`<p class="refused"><b aria-hidden="true">×</b> <code>${answer.name}</code>: ${answer.message}.</p>`
        : html`<p class="accepted"><b aria-hidden="true">✓</b> ${answer}</p>`,
      this.#status,
    );
    this.#drawing.describe(
      `Which sizes the model takes: S new tokens after P cached ones. You selected S=${tokens}, P=${past}, which is ${this.#isRefused ? "refused" : "accepted"}.`,
    );
    this.#drawing.redraw();
  }

  get #sizes(): number {
    return this.#most + BEYOND + 1;
  }

  /** Runs the engine with zeros of these sizes. */
  async #send(tokens: number, past: number): Promise<TemplateResult | TractError> {
    const inputs = this.#decoder.inputs("0".repeat(tokens), this.#decoder.zeroCache(past));
    try {
      const outputs = await this.#decoder.runnable.run(inputs);
      return html`gives ${Object.entries(outputs).map(
        ([name, { shape, dtype }], at) =>
          html`${at > 0 ? ", " : ""}${name} <code>${shape.join(",")},${dtype}</code>`,
      )}`;
    } catch (error) {
      if (error instanceof TractError) return error;
      throw error;
    }
  }

  #paint({ context, palette, label }: Pen, { width, height }: Size) {
    const wide = (width - LEFT) / this.#sizes;
    const high = (height - FOOT) / this.#sizes;
    const box = (past: number, tokens: number, columns = 1, rows = 1) =>
      [
        LEFT + past * wide,
        height - FOOT - (tokens + rows) * high,
        columns * wide,
        rows * high,
      ] as const;
    context.fillStyle = palette.panel;
    context.fillRect(...box(0, 0, this.#sizes, this.#sizes));
    // Allowed by the asserts, but in no mode.
    context.fillStyle = palette.hairline;
    for (let past = 0; past < this.#most; past++)
      context.fillRect(...box(past, 1, 1, this.#most - past));
    context.fillStyle = palette.speech;
    context.fillRect(...box(0, 1, 1, this.#most));
    context.fillRect(...box(0, 1, this.#most, 1));
    label("pp: P==0", LEFT + wide + 6, 14, palette.speech);
    label("tg: S==1", LEFT + 0.5 * wide * this.#most, height - FOOT / 2, palette.speech, "center");
    label("in no mode", LEFT + 0.16 * width, height - FOOT - 0.3 * height, palette.muted);
    label(`S+P over ${this.#most}`, width - 4, 0.25 * height, palette.muted, "right");
    label("S", 4, 14, palette.symbol);
    label("P", width - 4, height - FOOT / 2, palette.symbol, "right");
    label("0", LEFT, height - FOOT / 2, palette.muted);
    const [x, y, w, h] = box(this.#past.value, this.#tokens.value);
    context.strokeStyle = this.#isRefused ? palette.fault : palette.ink;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x + w / 2, y + h / 2, 7, 0, 2 * Math.PI);
    context.stroke();
    if (this.#isRefused) label("×", x + w / 2, y + h / 2, palette.fault, "center");
  }
}

async function summarizeMode(
  name: string,
  fixes: string,
  model: RemoteModel,
): Promise<ModeSummary> {
  const { nodes } = await model.graph();
  const wires = nodes.flatMap(({ outputs }) => outputs).filter(({ constant }) => !constant);
  return {
    name,
    fixes,
    operations: nodes.length,
    facts: new Map([...model.inputs, ...model.outputs].map((each) => [each.name, each.fact])),
    fixed: wires.filter(({ shape }) => shape.every((size) => typeof size === "number")).length,
    wires: wires.length,
  };
}

/** Kinds of nodes that the plan for one token does not have. */
async function removedOperations(whole: RemoteModel, decoder: Decoder): Promise<string> {
  const kinds = async (runnable: RemoteRunnable) => {
    const inputs = decoder.inputs("0", decoder.zeroCache(1));
    const { nodes } = await runnable.trace(inputs, { values: false, timing: false });
    return new Set(nodes.map(({ op }) => op));
  };
  const model = await whole.setSymbols({ S: 1 });
  const runnable = await model.prepare();
  const [all, left] = [await kinds(decoder.runnable), await kinds(runnable)];
  runnable.dispose();
  model.dispose();
  return [...all].filter((op) => !left.has(op)).join(", ");
}

const tableOf = (known: readonly ModeSummary[]): TemplateResult => html`<table>
    <thead><tr><th scope="col">wire</th>${known.map(({ name, fixes }) => html`<th scope="col">${name === "any" ? "as it is" : html`${name}: <span class="symbol">${fixes}</span>`}</th>`)}</tr></thead>
    <tbody>
      ${[...(known[0]?.facts.keys() ?? [])].map(
        (wire) =>
          html`<tr><th scope="row">${wire}</th>${known.map(({ facts }) => html`<td>${factOf(facts.get(wire) ?? "")}</td>`)}</tr>`,
      )}
      <tr><th scope="row">operations</th>${known.map(({ operations }) => html`<td>${operations}</td>`)}</tr>
      <tr><th scope="row">wires with number sizes</th>${known.map(({ fixed, wires }) => html`<td>${fixed} of ${wires}</td>`)}</tr>
    </tbody>
  </table>`;

/** A fact with its symbols highlighted. */
const factOf = (fact: string): TemplateResult =>
  html`<code>${fact.split(/([A-Z]\w*)/).map((part, at) => (at % 2 ? html`<span class="symbol">${part}</span>` : part))}</code>`;
