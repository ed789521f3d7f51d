import { cell, ghost } from "nnef-pulse/look";
import { TractError } from "tract-wasm";
import { button, controls, status } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { Decoder, longest } from "../model/decoder.ts";
import { Line } from "../model/generation.ts";
import { heldOutOf, type Question } from "../model/held-out.ts";
import { ANSWER, END, QUESTION, WHOLE } from "../model/sums.ts";
import { keptHeight, NAMES, paintKept } from "./paint-cache.ts";
import { Player } from "./player.ts";

const SPEED_MS = 120;
const TOKENS = 40;

/** Sum after sum on one line, until the engine refuses. */
export const figure: BuildFigure = async (stage, lesson) => {
  const view = new Stopping(stage, lesson, await Decoder.of(lesson), await heldOutOf(lesson));
  view.reset();
  return view;
};

class Stopping implements Figure {
  readonly #lesson: Lesson;
  readonly #decoder: Decoder;
  /** Positions the model takes, and those that are drawn. */
  readonly #most: number;
  readonly #questions: readonly Question[];
  readonly #drawing: Drawing;
  readonly #written = document.createElement("p");
  readonly #said = status();
  readonly #player: Player;
  #line: Line;
  /** For each token of the line, whether the model wrote it. */
  #own: boolean[] = [];
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
    this.#line = new Line(decoder);
    this.#most = longest(lesson.reading);
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
      this.#said,
    );
    this.#drawing = new Drawing(
      picture,
      () => TOKENS + keptHeight(decoder.layers),
      "",
      (pen, size) => this.#paint(pen, size),
    );
  }

  reset() {
    this.#player.restart(async () => {
      this.#line = new Line(this.#decoder);
      this.#own = [];
      this.#refused = undefined;
      this.#show();
    });
  }

  /** Whose turn it is: the next token of a question, or what the model writes. */
  async #step() {
    if (this.#refused) return this.#player.stop();
    const { text } = this.#line;
    const asked = this.#questions[Math.floor(text.length / WHOLE)];
    const at = text.length % WHOLE;
    const own = at >= QUESTION && at < QUESTION + ANSWER;
    const token = own ? this.#line.next : asked?.text[at];
    await this.#line.read(token ?? END);
    this.#own.push(own);
    this.#show();
  }

  #refuse(error: unknown) {
    if (error instanceof TractError) this.#refused = error;
    else this.#said.textContent = String(error);
    this.#show();
  }

  #show() {
    const { text } = this.#line;
    const left = this.#most - text.length;
    const answers = this.#questions
      .slice(0, Math.floor((text.length + WHOLE - QUESTION - ANSWER) / WHOLE))
      .map(({ expected }, at) => text.slice(at * WHOLE + QUESTION).startsWith(expected));
    const right = answers.filter((each) => each).length;
    this.#said.replaceChildren();
    if (this.#refused) {
      const sign = document.createElement("b");
      sign.ariaHidden = "true";
      sign.textContent = "×";
      this.#said.append(sign, ` Refused: ${this.#refused.message}.`);
      this.#said.dataset.right = "false";
    } else {
      this.#said.textContent = `P = ${text.length}, ${left} left. ${answers.length > 0 ? `${right} of ${answers.length} answers right.` : "Press Play."}`;
      delete this.#said.dataset.right;
    }
    this.#written.replaceChildren(
      ...[...text].map((token, at) => {
        const place = document.createElement(this.#own[at] ? "b" : "span");
        place.textContent = token;
        return place;
      }),
    );
    this.#lesson.say("stop.positions", text.length, "figure: what its line holds now");
    this.#drawing.tell(`${text.length} of ${this.#most} positions are filled.`);
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
        cell(context, box, this.#own[at] ? palette.probability : palette.muted);
      else if (at === this.#most) {
        const colour = this.#refused ? palette.fault : palette.delay;
        ghost(context, box, colour);
        pen.label("×", box.x + box.width / 2, box.y + 8, colour, "center");
      }
    }
    const place = { x: NAMES, y: TOKENS, wide, positions: this.#most };
    paintKept(pen, place, this.#line.cache);
  }
}
