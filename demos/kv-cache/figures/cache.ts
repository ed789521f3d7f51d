import { bracket, cell } from "nnef-pulse/look";
import { shown } from "nnef-pulse/reading";
import { button, controls, status } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { Decoder, VOCABULARY } from "../model/decoder.ts";
import { Line } from "../model/generation.ts";
import { ANSWER, answerOf, QUESTION, questionOf, type Sum, sumIn } from "../model/sums.ts";
import { keptHeight, NAMES, paintKept } from "./paint-cache.ts";
import { Player } from "./player.ts";

const FIRST: Sum = { a: 27, b: 45 };
const SPEED_MS = 700;
/** Positions that are drawn: a question, its answer, and room to see that more would follow. */
const POSITIONS = 12;
const TOKEN = 26;
const BARS = 90;
/** How far reading again may be from reading on. */
const TOLERANCE = 1e-4;

/** A question, answered token by token, and the cache as it grows. */
export const figure: BuildFigure = async (stage, lesson) => {
  const view = new Answering(stage, lesson, await Decoder.of(lesson));
  await view.begin();
  return view;
};

class Answering implements Figure {
  readonly #lesson: Lesson;
  readonly #decoder: Decoder;
  readonly #entry = document.createElement("input");
  readonly #drawing: Drawing;
  readonly #said = status();
  readonly #player: Player;
  #sum = FIRST;
  #line: Line;
  /** By how much reading the line again differs from reading on. */
  #off = 0;

  constructor(stage: HTMLElement, lesson: Lesson, decoder: Decoder) {
    this.#lesson = lesson;
    this.#decoder = decoder;
    this.#line = new Line(decoder);
    this.#player = new Player(
      () => this.#step(),
      SPEED_MS,
      (error) => this.#fault(error instanceof Error ? error.message : String(error)),
    );
    const form = document.createElement("form");
    form.className = "controls";
    form.noValidate = true;
    this.#entry.className = "entry";
    this.#entry.ariaLabel = "A sum of two numbers below 100";
    this.#entry.maxLength = 12;
    this.#entry.autocomplete = "off";
    const ask = button("Ask", () => {});
    ask.type = "submit";
    form.append(this.#entry, ask);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask();
    });
    const picture = document.createElement("div");
    stage.append(form, controls(this.#player.step, this.#player.play), picture, this.#said);
    this.#drawing = new Drawing(
      picture,
      () => 2 * TOKEN + keptHeight(decoder.layers) + BARS + 40,
      "",
      (pen, size) => this.#paint(pen, size),
    );
  }

  reset() {
    this.#player.restart(() => this.begin());
  }

  /** A new line, its question read at once. */
  async begin(sum = FIRST) {
    this.#entry.value = questionOf(sum);
    this.#sum = sum;
    this.#line = new Line(this.#decoder);
    delete this.#said.dataset.right;
    await this.#read(questionOf(sum));
  }

  #ask() {
    const sum = sumIn(this.#entry.value);
    if (sum) this.#player.restart(() => this.begin(sum));
    else {
      this.#fault(
        `It reads sums of two numbers below 100, such as ${questionOf(FIRST).slice(0, -1)}, not “${this.#entry.value}”.`,
      );
    }
  }

  /** The model reads what it wrote itself. */
  async #step() {
    if (this.#done) return this.#player.stop();
    await this.#read(this.#line.next ?? "");
  }

  async #read(text: string) {
    await this.#line.read(text);
    this.#off = await this.#line.again();
    this.#tell();
    this.#show();
  }

  /** What the model has written so far, what it holds likeliest included. */
  get #written(): string {
    const { text, next = "" } = this.#line;
    return text === "" ? "" : text.slice(QUESTION) + next;
  }

  get #done(): boolean {
    return this.#written.length >= ANSWER;
  }

  #tell() {
    const { taken, text, odds, next = "" } = this.#line;
    const mode = taken === 1 ? "one token" : `${taken} tokens at once`;
    const past = text.length - taken;
    const sure = Math.round(100 * (odds[VOCABULARY.indexOf(next)] ?? 0));
    const parts = [`Read ${mode} after ${past}`, `next comes “${next}”, ${sure} % sure`];
    if (this.#done) {
      const right = this.#written === answerOf(this.#sum);
      const { a, b } = this.#sum;
      parts.push(
        right
          ? `✓ ${a} + ${b} is ${a + b}`
          : `× it wrote ${this.#written}, but ${a} + ${b} is ${a + b}`,
      );
      this.#said.dataset.right = String(right);
    }
    parts.push(`read again from the start: ${shown(Number(this.#off.toPrecision(2)))} apart`);
    if (this.#off > TOLERANCE) this.#said.dataset.right = "false";
    this.#said.textContent = `${parts.join(" · ")}.`;
    const from = "figure: after the last step";
    this.#lesson.say("cache.positions", text.length, from);
    this.#lesson.say("cache.again", shown(Number(this.#off.toPrecision(2))), from);
  }

  #fault(message: string) {
    this.#said.textContent = message;
    this.#said.dataset.right = "false";
  }

  #show() {
    const { text, odds } = this.#line;
    this.#drawing.tell(
      `${text.length} positions kept in each of ${this.#decoder.layers} layers, for ${text || "nothing"}. ${odds.map((each, at) => `${VOCABULARY[at]} ${Math.round(100 * each)} %`).join(", ")}`,
    );
    this.#drawing.redraw();
  }

  #paint(pen: Pen, { width }: Size) {
    const { context, palette } = pen;
    const wide = (width - NAMES - 4) / POSITIONS;
    const { text, taken } = this.#line;
    const middle = (at: number) => NAMES + (at + 0.5) * wide - 1;
    pen.label("line", 4, 12, palette.ink);
    [...text].forEach((token, at) => {
      pen.label(token, middle(at), 12, at < QUESTION ? palette.ink : palette.probability, "center");
    });
    if (taken > 0) {
      const box = {
        x: NAMES + (text.length - taken) * wide,
        y: 22,
        width: taken * wide - 2,
        height: 6,
      };
      bracket(context, box, palette.ink);
      const mode = taken === 1 ? "S = 1" : `S = ${taken}`;
      pen.label(mode, box.x + box.width / 2, 42, palette.symbol, "center");
    }
    const y = 2 * TOKEN + 4;
    paintKept(pen, { x: NAMES, y, wide, positions: POSITIONS }, this.#line.cache);
    this.#odds(pen, width, y + keptHeight(this.#decoder.layers) + 16);
  }

  /** How likely each token is to be next. */
  #odds({ context, palette, label }: Pen, width: number, y: number) {
    const { odds, next } = this.#line;
    const wide = (width - NAMES - 4) / VOCABULARY.length;
    const foot = y + BARS - 24;
    label("next", 4, foot - 12, palette.ink);
    [...VOCABULARY].forEach((token, at) => {
      const share = odds[at] ?? 0;
      const height = share * (BARS - 28);
      const box = { x: NAMES + at * wide, y: foot - height, width: Math.max(1, wide - 4), height };
      if (odds.length > 0) cell(context, box, palette.probability);
      label(
        token,
        box.x + box.width / 2,
        foot + 12,
        token === next ? palette.probability : palette.muted,
        "center",
      );
    });
  }
}
