import { cell, ghost } from "nnef-pulse/look";
import { TractError } from "tract-wasm";
import { button, controls, statusLine } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { Decoder, maxPositions } from "../model/decoder.ts";
import { Generation } from "../model/generation.ts";
import { type Question, readHeldOut } from "../model/held-out.ts";
import { ANSWER_TOKENS, END, QUESTION_TOKENS, SUM_TOKENS } from "../model/sums.ts";
import { cacheHeight, NAMES, paintCache } from "./paint-cache.ts";
import { Player } from "./player.ts";

const SPEED_MS = 120;
const TOKENS = 40;

/** Asks sum after sum on one line, until the engine refuses. */
export const figure: BuildFigure = async (stage, lesson) => {
  const view = new StopFigure(stage, lesson, await Decoder.of(lesson), await readHeldOut(lesson));
  view.reset();
  return view;
};

class StopFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #decoder: Decoder;
  /** Largest number of positions. */
  readonly #most: number;
  readonly #questions: readonly Question[];
  readonly #drawing: Drawing;
  readonly #written = document.createElement("p");
  readonly #status = statusLine();
  readonly #player: Player;
  #line: Generation;
  /** For each token of the line, whether the model wrote it. */
  #isWritten: boolean[] = [];
  #refused: TractError | undefined;

  constructor(
    stage: HTMLElement,
    lesson: Lesson,
    decoder: Decoder,
    questions: readonly Question[],
  ) {
    this.#lesson = lesson;
    this.#decoder = decoder;
    this.#questions = questions;
    this.#line = new Generation(decoder);
    this.#most = maxPositions(lesson.reading);
    this.#player = new Player(
      () => this.#step(),
      SPEED_MS,
      (error) => this.#refuse(error),
    );
    this.#written.className = "written";
    const picture = document.createElement("div");
    stage.append(
      controls(
        this.#player.step,
        this.#player.play,
        button("Start over", () => this.reset()),
      ),
      picture,
      this.#written,
      this.#status,
    );
    this.#drawing = new Drawing(
      picture,
      () => TOKENS + cacheHeight(decoder.layers),
      "",
      (pen, size) => this.#paint(pen, size),
    );
  }

  reset() {
    this.#player.restart(async () => {
      this.#line = new Generation(this.#decoder);
      this.#isWritten = [];
      this.#refused = undefined;
      this.#show();
    });
  }

  /** Reads the next token of the question, or the token that the model writes. */
  async #step() {
    if (this.#refused) return this.#player.stop();
    const { text } = this.#line;
    const asked = this.#questions[Math.floor(text.length / SUM_TOKENS)];
    const at = text.length % SUM_TOKENS;
    const isWritten = at >= QUESTION_TOKENS && at < QUESTION_TOKENS + ANSWER_TOKENS;
    const token = isWritten ? this.#line.next : asked?.text[at];
    await this.#line.read(token ?? END);
    this.#isWritten.push(isWritten);
    this.#show();
  }

  #refuse(error: unknown) {
    if (error instanceof TractError) this.#refused = error;
    else this.#status.textContent = String(error);
    this.#show();
  }

  #show() {
    const { text } = this.#line;
    const left = this.#most - text.length;
    const answers = this.#questions
      .slice(
        0,
        Math.floor((text.length + SUM_TOKENS - QUESTION_TOKENS - ANSWER_TOKENS) / SUM_TOKENS),
      )
      .map(({ expected }, at) =>
        text.slice(at * SUM_TOKENS + QUESTION_TOKENS).startsWith(expected),
      );
    const right = answers.filter((each) => each).length;
    this.#status.replaceChildren();
    if (this.#refused) {
      const sign = document.createElement("b");
      sign.ariaHidden = "true";
      sign.textContent = "×";
      this.#status.append(sign, ` Refused: ${this.#refused.message}.`);
      this.#status.dataset.right = "false";
    } else {
      this.#status.textContent = `P = ${text.length}, ${left} positions left. ${answers.length > 0 ? `${right} of ${answers.length} answers right.` : "Press Play."}`;
      delete this.#status.dataset.right;
    }
    this.#written.replaceChildren(
      ...[...text].map((token, at) => {
        const place = document.createElement(this.#isWritten[at] ? "b" : "span");
        place.textContent = token;
        return place;
      }),
    );
    this.#lesson.showNumber("stop.positions", text.length, "figure: what its line holds now");
    this.#drawing.describe(`${text.length} of ${this.#most} positions are filled.`);
    this.#drawing.redraw();
  }

  #paint(pen: Pen, { width }: Size) {
    const { context, palette } = pen;
    const columns = this.#most + 1;
    const wide = (width - NAMES - 4) / columns;
    pen.label("line", 4, 18, palette.ink);
    for (let at = 0; at < columns; at++) {
      const box = { x: NAMES + at * wide, y: 10, width: Math.max(1, wide - 1), height: 16 };
      if (at < this.#line.text.length)
        cell(context, box, this.#isWritten[at] ? palette.probability : palette.muted);
      else if (at === this.#most) {
        const colour = this.#refused ? palette.fault : palette.delay;
        ghost(context, box, colour);
        pen.label("×", box.x + box.width / 2, box.y + 8, colour, "center");
      }
    }
    const place = { x: NAMES, y: TOKENS, wide, positions: this.#most };
    paintCache(pen, place, this.#line.cache);
  }
}
