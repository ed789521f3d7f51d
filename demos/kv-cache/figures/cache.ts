import { bracket, cell } from "nnef-pulse/look";
import { shown } from "nnef-pulse/reading";
import { button, controls, statusLine } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { Decoder, VOCABULARY } from "../model/decoder.ts";
import { Generation } from "../model/generation.ts";
import {
  ANSWER_TOKENS,
  answerOf,
  parseSum,
  QUESTION_TOKENS,
  questionOf,
  type Sum,
} from "../model/sums.ts";
import { cacheHeight, NAMES, paintCache } from "./paint-cache.ts";
import { Player } from "./player.ts";

const FIRST: Sum = { a: 27, b: 45 };
const SPEED_MS = 700;
/** Positions drawn: a question, its answer, and some free positions. */
const POSITIONS = 12;
const TOKEN = 26;
const BARS = 90;
/** Largest difference between a run with the cache and a run without it. */
const TOLERANCE = 1e-4;

/** Answers a question token by token, and shows the growing cache. */
export const figure: BuildFigure = async (stage, lesson) => {
  const view = new CacheFigure(stage, lesson, await Decoder.of(lesson));
  await view.begin();
  return view;
};

class CacheFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #decoder: Decoder;
  readonly #entry = document.createElement("input");
  readonly #drawing: Drawing;
  readonly #status = statusLine();
  readonly #player: Player;
  #sum = FIRST;
  #line: Generation;
  /** Difference between the last run and a run of the whole line without a cache. */
  #difference = 0;

  constructor(stage: HTMLElement, lesson: Lesson, decoder: Decoder) {
    this.#lesson = lesson;
    this.#decoder = decoder;
    this.#line = new Generation(decoder);
    this.#player = new Player(
      () => this.#step(),
      SPEED_MS,
      (error) => this.#showError(error instanceof Error ? error.message : String(error)),
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
    stage.append(form, controls(this.#player.step, this.#player.play), picture, this.#status);
    this.#drawing = new Drawing(
      picture,
      () => 2 * TOKEN + cacheHeight(decoder.layers) + BARS + 40,
      "",
      (pen, size) => this.#paint(pen, size),
    );
  }

  reset() {
    this.#player.restart(() => this.begin());
  }

  /** Starts a new line and reads its question in one run. */
  async begin(sum = FIRST) {
    this.#entry.value = questionOf(sum);
    this.#sum = sum;
    this.#line = new Generation(this.#decoder);
    delete this.#status.dataset.right;
    await this.#read(questionOf(sum));
  }

  #ask() {
    const sum = parseSum(this.#entry.value);
    if (sum) this.#player.restart(() => this.begin(sum));
    else {
      this.#showError(
        `The model takes sums of two numbers below 100, such as ${questionOf(FIRST).slice(0, -1)}, not “${this.#entry.value}”.`,
      );
    }
  }

  /** Reads the token that the model wrote last. */
  async #step() {
    if (this.#done) return this.#player.stop();
    await this.#read(this.#line.next ?? "");
  }

  async #read(text: string) {
    await this.#line.read(text);
    this.#difference = await this.#line.recompute();
    this.#showResult();
    this.#show();
  }

  /** The answer so far, with the most likely next token. */
  get #written(): string {
    const { text, next = "" } = this.#line;
    return text === "" ? "" : text.slice(QUESTION_TOKENS) + next;
  }

  get #done(): boolean {
    return this.#written.length >= ANSWER_TOKENS;
  }

  #showResult() {
    const { lastRunTokens, text, probabilities, next = "" } = this.#line;
    const read = lastRunTokens === 1 ? "1 token" : `${lastRunTokens} tokens in one run`;
    const past = text.length - lastRunTokens;
    const probability = Math.round(100 * (probabilities[VOCABULARY.indexOf(next)] ?? 0));
    const parts = [
      `Read ${read} after ${past}`,
      `next is “${next}”, with probability ${probability} %`,
    ];
    if (this.#done) {
      const right = this.#written === answerOf(this.#sum);
      const { a, b } = this.#sum;
      parts.push(
        right
          ? `✓ ${a} + ${b} is ${a + b}`
          : `× it wrote ${this.#written}, but ${a} + ${b} is ${a + b}`,
      );
      this.#status.dataset.right = String(right);
    }
    parts.push(
      `without a cache the logits differ by ${shown(Number(this.#difference.toPrecision(2)))}`,
    );
    if (this.#difference > TOLERANCE) this.#status.dataset.right = "false";
    this.#status.textContent = `${parts.join(" · ")}.`;
    const from = "figure: after the last step";
    this.#lesson.showNumber("cache.positions", text.length, from);
    this.#lesson.showNumber("cache.again", shown(Number(this.#difference.toPrecision(2))), from);
  }

  #showError(message: string) {
    this.#status.textContent = message;
    this.#status.dataset.right = "false";
  }

  #show() {
    const { text, probabilities } = this.#line;
    this.#drawing.describe(
      `${text.length} positions kept in each of ${this.#decoder.layers} layers, for ${text || "nothing"}. ${probabilities.map((each, at) => `${VOCABULARY[at]} ${Math.round(100 * each)} %`).join(", ")}`,
    );
    this.#drawing.redraw();
  }

  #paint(pen: Pen, { width }: Size) {
    const { context, palette } = pen;
    const wide = (width - NAMES - 4) / POSITIONS;
    const { text, lastRunTokens } = this.#line;
    const middle = (at: number) => NAMES + (at + 0.5) * wide - 1;
    pen.label("line", 4, 12, palette.ink);
    [...text].forEach((token, at) => {
      pen.label(
        token,
        middle(at),
        12,
        at < QUESTION_TOKENS ? palette.ink : palette.probability,
        "center",
      );
    });
    if (lastRunTokens > 0) {
      const box = {
        x: NAMES + (text.length - lastRunTokens) * wide,
        y: 22,
        width: lastRunTokens * wide - 2,
        height: 6,
      };
      bracket(context, box, palette.ink);
      const mode = lastRunTokens === 1 ? "S = 1" : `S = ${lastRunTokens}`;
      pen.label(mode, box.x + box.width / 2, 42, palette.symbol, "center");
    }
    const y = 2 * TOKEN + 4;
    paintCache(pen, { x: NAMES, y, wide, positions: POSITIONS }, this.#line.cache);
    this.#paintProbabilities(pen, width, y + cacheHeight(this.#decoder.layers) + 16);
  }

  /** Bars with the probability of each next token. */
  #paintProbabilities({ context, palette, label }: Pen, width: number, y: number) {
    const { probabilities, next } = this.#line;
    const wide = (width - NAMES - 4) / VOCABULARY.length;
    const foot = y + BARS - 24;
    label("next", 4, foot - 12, palette.ink);
    [...VOCABULARY].forEach((token, at) => {
      const share = probabilities[at] ?? 0;
      const height = share * (BARS - 28);
      const box = { x: NAMES + at * wide, y: foot - height, width: Math.max(1, wide - 4), height };
      if (probabilities.length > 0) cell(context, box, palette.probability);
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
