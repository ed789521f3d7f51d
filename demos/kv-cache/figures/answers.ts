import { cell } from "nnef-pulse/look";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { LongRun, type ReportProgress } from "../../kit/figures/long-run.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { findingsOf } from "../findings.ts";
import { Decoder } from "../model/decoder.ts";
import { Generation } from "../model/generation.ts";
import { type Question, readHeldOut } from "../model/held-out.ts";

/** Smallest share of right answers of a working model. */
const ENOUGH = 0.98;
/** Sums between progress reports. */
const REPORT_EVERY = 10;
const COLUMNS = 40;

interface Answer {
  readonly question: Question;
  readonly written: string;
}

/** Asks all held-out sums, one after the other. */
export const figure: BuildFigure = async (stage, lesson) =>
  new AnswersFigure(stage, lesson, await Decoder.of(lesson), await readHeldOut(lesson));

class AnswersFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #decoder: Decoder;
  readonly #questions: readonly Question[];
  readonly #drawing: Drawing;
  readonly #run: LongRun;
  readonly #wrong = document.createElement("ul");
  #answers: readonly Answer[] = [];

  constructor(
    stage: HTMLElement,
    lesson: Lesson,
    decoder: Decoder,
    questions: readonly Question[],
  ) {
    this.#lesson = lesson;
    this.#decoder = decoder;
    this.#questions = questions;
    this.#run = new LongRun({
      label: `Ask all ${this.#questions.length}`,
      run: (report, stopped) => this.#all(report, stopped),
    });
    this.#wrong.className = "mistakes";
    const picture = document.createElement("div");
    stage.append(this.#run.element, picture, this.#wrong);
    this.#drawing = new Drawing(
      picture,
      (width) => (Math.ceil(this.#questions.length / COLUMNS) * width) / COLUMNS,
      "",
      (pen, size) => this.#paint(pen, size),
    );
    this.#show([]);
  }

  reset() {
    this.#run.reset();
    this.#show([]);
  }

  async #all(report: ReportProgress, stopped: AbortSignal) {
    const answers: Answer[] = [];
    this.#show(answers);
    for (const question of this.#questions) {
      const written = await this.#answer(question);
      if (stopped.aborted) break;
      answers.push({ question, written });
      if (answers.length % REPORT_EVERY === 0 || answers.length === this.#questions.length) {
        report(answers.length, this.#questions.length);
        this.#show(answers);
      }
    }
    const right = answers.filter(isRight).length;
    const share = right / answers.length;
    return {
      text: `${right} of ${answers.length} right: ${(100 * share).toFixed(1)} %.`,
      right: share >= ENOUGH,
    };
  }

  /** As in the page's other figures: the question at once, then a token a run. */
  async #answer({ text, expected }: Question): Promise<string> {
    const line = new Generation(this.#decoder);
    await line.read(text);
    let written = line.next ?? "";
    while (written.length < expected.length) {
      await line.read(line.next ?? "");
      written += line.next;
    }
    return written;
  }

  #show(answers: readonly Answer[]) {
    this.#answers = [...answers];
    const wrong = answers.filter((each) => !isRight(each));
    findingsOf(this.#lesson).answers = { asked: answers.length, wrong: wrong.length };
    const asked = this.#questions.length;
    const from = `computed here: ${answers.length} of ${asked} sums asked`;
    this.#lesson.showNumber("answers.asked", answers.length, from);
    this.#lesson.showNumber("answers.wrong", wrong.length, from);
    this.#wrong.replaceChildren(
      ...wrong.map(({ question, written }) => {
        const item = document.createElement("li");
        item.textContent = `× ${question.text}${written}, and it is ${question.expected}`;
        return item;
      }),
    );
    this.#drawing.describe(
      `${answers.length} of ${asked} sums asked, ${wrong.length} answered wrong.`,
    );
    this.#drawing.redraw();
  }

  #paint({ context, palette, label }: Pen, { width }: Size) {
    const wide = width / COLUMNS;
    for (const at of this.#questions.keys()) {
      const box = {
        x: (at % COLUMNS) * wide + 1,
        y: Math.floor(at / COLUMNS) * wide + 1,
        width: wide - 2,
        height: wide - 2,
      };
      const answer = this.#answers[at];
      if (!answer) {
        context.strokeStyle = palette.hairline;
        context.lineWidth = 1;
        context.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
        continue;
      }
      const right = isRight(answer);
      cell(context, box, right ? palette.speech : palette.fault);
      if (!right)
        label("×", box.x + box.width / 2, box.y + box.height / 2, palette.fault, "center");
    }
  }
}

const isRight = ({ question, written }: Answer): boolean => written === question.expected;
