import { cell, ghost } from "nnef-pulse/look";
import { shown } from "nnef-pulse/reading";
import type { Tensor } from "tract-wasm";
import type { RemoteRunnable } from "tract-wasm/worker";
import { button, controls, statusLine } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { Slider } from "../../kit/figures/slider.ts";
import { onlyOutput } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { findingsOf } from "../findings.ts";
import { batchOf, type Ids, idsOf, tokenDifferences, vocabularySize } from "../model/sentences.ts";

const SENTENCES = [
  "the cat sat on the mat",
  "it purred",
  "then it left and nobody saw where it went",
];
/** Largest difference that counts as rounding. */
const TOLERANCE = 1e-5;
/** Powers of ten drawn as an empty and as a full cell. */
const [EMPTY, FULL] = [-8, 0];
const MORE = 8;
const MOST_MORE = 24;
const ROW = 26;
const CELL = 18;
const HEAD = 26;

/** A way to run the sentences. */
interface Variant {
  readonly name: string;
  /** Tokens of a row, with padding. */
  readonly length: (own: number) => number;
  /** For each sentence, the difference of each token from the run alone. */
  readonly off: readonly (readonly number[])[];
}

/** Runs sentences alone, in a batch and padded, and compares the outputs token by token. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const view = new PaddingFigure(
    stage,
    lesson,
    await whole.prepare(),
    await vocabularySize(lesson),
  );
  await view.update();
  return view;
};

class PaddingFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #runnable: RemoteRunnable;
  readonly #vocabulary: number;
  readonly #texts: readonly HTMLInputElement[];
  readonly #more: Slider;
  readonly #mask: HTMLButtonElement;
  readonly #drawing: Drawing;
  readonly #status = statusLine();
  #isMasked = true;
  #sentences: readonly Ids[] = [];
  #variants: readonly Variant[] = [];
  #requestId = 0;

  constructor(stage: HTMLElement, lesson: Lesson, runnable: RemoteRunnable, vocabulary: number) {
    this.#lesson = lesson;
    this.#runnable = runnable;
    this.#vocabulary = vocabulary;
    this.#texts = SENTENCES.map((sentence, at) => {
      const text = document.createElement("input");
      text.className = "entry";
      text.value = sentence;
      text.maxLength = 80;
      text.ariaLabel = `Sentence ${at + 1}`;
      text.addEventListener("input", () => void this.update());
      return text;
    });
    this.#more = new Slider({
      label: "More padding",
      min: 0,
      max: MOST_MORE,
      value: MORE,
      format: (value) => `${value} tokens`,
      onChange: () => void this.update(),
    });
    this.#mask = button("", () => {
      this.#isMasked = !this.#isMasked;
      void this.update();
    });
    const picture = document.createElement("div");
    const texts = document.createElement("div");
    texts.className = "sentences";
    texts.append(...this.#texts);
    stage.append(texts, picture, this.#more.element, controls(this.#mask), this.#status);
    this.#drawing = new Drawing(
      picture,
      () => 3 * (HEAD + SENTENCES.length * ROW),
      "",
      (pen, size) => this.#paint(pen, size),
    );
  }

  reset() {
    for (const [at, text] of this.#texts.entries()) text.value = SENTENCES[at] ?? "";
    this.#more.value = MORE;
    this.#isMasked = true;
    void this.update();
  }

  async update() {
    const requestId = ++this.#requestId;
    this.#mask.textContent = this.#isMasked ? "Take the mask away" : "Put the mask back";
    const sentences = this.#texts
      .map(({ value }) => idsOf(value, this.#vocabulary))
      .filter(({ length }) => length > 0);
    const variants = sentences.length > 0 ? await this.#measure(sentences) : [];
    if (requestId !== this.#requestId) return;
    this.#sentences = sentences;
    this.#variants = variants;
    findingsOf(this.#lesson).sentences = sentences.map(({ length }) => length);
    this.#showResult();
    this.#drawing.redraw();
  }

  async #measure(sentences: readonly Ids[]): Promise<readonly Variant[]> {
    const longest = Math.max(...sentences.map(({ length }) => length));
    const padded = longest + this.#more.value;
    const run = async (rows: readonly Ids[], length: number, masked: boolean) =>
      onlyOutput(await this.#runnable.run(batchOf(rows, length, masked)));
    const [batch, ...others] = await Promise.all([
      run(sentences, longest, this.#isMasked),
      ...sentences.map((ids) => run([ids], ids.length, true)),
      ...sentences.map((ids) => run([ids], padded, this.#isMasked)),
    ]);
    const count = sentences.length;
    const off = (of: (at: number) => { readonly output: Tensor; readonly row: number }) =>
      sentences.map((ids, at) =>
        tokenDifferences({ output: others[at] ?? batch, row: 0 }, of(at), ids.length),
      );
    return [
      {
        name: "alone",
        length: (own) => own,
        off: off((at) => ({ output: others[at] ?? batch, row: 0 })),
      },
      { name: "in a batch", length: () => longest, off: off((row) => ({ output: batch, row })) },
      {
        name: "alone, padded",
        length: () => padded,
        off: off((at) => ({ output: others[count + at] ?? batch, row: 0 })),
      },
    ];
  }

  #showResult() {
    const [, batch, padded] = this.#variants.map(({ off }) => most(off));
    if (batch === undefined || padded === undefined) {
      this.#status.textContent = "Type a word.";
      delete this.#status.dataset.right;
      return;
    }
    const right = Math.max(batch, padded) <= TOLERANCE;
    const from = "computed here: the largest difference of any number, over all tokens";
    this.#lesson.showNumber("padding.batch", shown(batch), from);
    this.#lesson.showNumber("padding.padded", shown(padded), from);
    this.#status.textContent = `${right ? "✓ The same" : "× Not the same"}: at most ${shown(batch)} apart in the batch, ${shown(padded)} padded.`;
    this.#status.dataset.right = String(right);
    this.#drawing.describe(
      this.#variants
        .map(
          ({ name, off }) =>
            `${name}: ${off.map((each) => `${each.length} tokens, ${shown(most([each]))} apart`).join(", ")}`,
        )
        .join("; "),
    );
  }

  #paint(pen: Pen, { width }: Size) {
    const { context, palette } = pen;
    const longest = Math.max(1, ...this.#sentences.map(({ length }) => length));
    const wide = Math.min(28, (width - 8) / (longest + this.#more.value));
    for (const [block, { name, length, off }] of this.#variants.entries()) {
      const top = block * (HEAD + SENTENCES.length * ROW);
      pen.label(name, 4, top + 12, palette.ink);
      if (block > 0) pen.label(shown(most(off)), width - 4, top + 12, palette.muted, "right");
      for (const [row, differences] of off.entries()) {
        const y = top + HEAD + row * ROW;
        for (let token = 0; token < length(differences.length); token++) {
          const box = { x: 4 + token * wide, y, width: Math.max(1, wide - 2), height: CELL };
          const difference = differences[token];
          if (difference === undefined) ghost(context, box, palette.delay);
          else if (block === 0) cell(context, box, palette.probability);
          else compared(pen, box, difference);
        }
      }
    }
  }
}

/** A cell as high as its difference, on a scale of powers of ten; what is too much has a sign. */
function compared(
  { context, palette, label }: Pen,
  box: { x: number; y: number; width: number; height: number },
  difference: number,
) {
  const power = difference > 0 ? Math.log10(difference) : EMPTY;
  const share = Math.max(0, Math.min(1, (power - EMPTY) / (FULL - EMPTY)));
  const height = Math.max(1, share * box.height);
  const fails = difference > TOLERANCE;
  context.strokeStyle = palette.hairline;
  context.strokeRect(box.x + 0.5, box.y + 0.5, box.width - 1, box.height - 1);
  cell(
    context,
    { ...box, y: box.y + box.height - height, height },
    fails ? palette.fault : palette.speech,
  );
  if (fails) label("×", box.x + box.width / 2, box.y + box.height / 2, palette.fault, "center");
}

/** The largest, to two digits. */
const most = (off: readonly (readonly number[])[]): number =>
  Number(Math.max(0, ...off.flat()).toPrecision(2));
