import { html, nothing, render } from "lit";
import { shown } from "nnef-pulse/reading";
import { controls, statusLine } from "../../kit/figures/controls.ts";
import { countOf } from "../../kit/figures/text.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { Filter, type PulsedRun } from "../filter.ts";

/** Given, not read from a bundle: the text says so. */
const WEIGHTS = [0.25, 0.5, 0.25];
const NUMBERS = [1, 4, 2, 6, 3, 7, 5, 8, 2, 6, 4, 1];
const LARGEST = 9;
const PIECE = NUMBERS.length / 2;
const CARRIED = WEIGHTS.length - 1;
/** Largest difference that is rounding. */
const TOLERANCE = 1e-5;

/** Outputs of the filter, by how the signal was run. */
interface Outputs {
  readonly whole: readonly number[];
  readonly pieces: readonly number[];
  readonly pulsed: PulsedRun;
}

/** A signal cut in pieces. The reader carries numbers over the cut until no output is wrong. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { tract } = await lesson.engine();
  const view = new SeamFigure(stage, lesson, await Filter.load(tract, WEIGHTS));
  await view.update();
  return view;
};

class SeamFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #filter: Filter;
  readonly #first = document.createElement("div");
  readonly #second = document.createElement("div");
  readonly #buttons = controls();
  readonly #status = statusLine();
  #numbers = [...NUMBERS];
  /** Whether each of the first piece's last numbers is carried over. */
  #isCarried = new Array<boolean>(CARRIED).fill(false);
  #outputs: Outputs | undefined;
  #requestId = 0;

  constructor(stage: HTMLElement, lesson: Lesson, filter: Filter) {
    this.#lesson = lesson;
    this.#filter = filter;
    stage.append(this.#first, this.#buttons, this.#second, this.#status);
  }

  reset() {
    this.#numbers = [...NUMBERS];
    this.#isCarried.fill(false);
    void this.update();
  }

  /** Runs the filter on the whole signal, on both pieces, and pulsed. */
  async update() {
    this.#render();
    const requestId = ++this.#requestId;
    const [first, second] = [this.#numbers.slice(0, PIECE), this.#numbers.slice(PIECE)];
    const [whole, alone, carried, pulsed] = await Promise.all([
      this.#filter.run(this.#numbers),
      this.#filter.run(first),
      this.#filter.run([...this.#slots, ...second]),
      this.#filter.runPulsed(this.#numbers, PIECE),
    ]);
    if (requestId !== this.#requestId) return;
    this.#outputs = { whole, pieces: [...alone, ...carried.slice(CARRIED)], pulsed };
    this.#render();
    this.#showResult(this.#outputs);
  }

  /** What the second piece reads before its own numbers. */
  get #slots(): readonly number[] {
    return this.#isCarried.map((isCarried, at) =>
      isCarried ? (this.#numbers[PIECE - CARRIED + at] ?? 0) : 0,
    );
  }

  #isWrong(at: number): boolean {
    const { whole = [], pieces = [] } = this.#outputs ?? {};
    return Math.abs((whole[at] ?? 0) - (pieces[at] ?? 0)) > TOLERANCE;
  }

  #showResult({ whole, pulsed: { outputs, buffer } }: Outputs) {
    const wrong = whole.filter((_, at) => this.#isWrong(at)).length;
    const isPulsedRight = whole.every(
      (value, at) => Math.abs(value - (outputs[at] ?? Number.NaN)) <= TOLERANCE,
    );
    const carried = this.#isCarried.filter((each) => each).length;
    this.#status.textContent =
      wrong > 0
        ? `${countOf(wrong, "output")} after the cut ${wrong === 1 ? "is" : "are"} wrong. You carried ${countOf(carried, "number")} over.`
        : `No output is wrong. The engine’s pulsed filter ${isPulsedRight ? "gives the same outputs" : "differs"}; it kept ${buffer.join(" and ")}.`;
    this.#status.dataset.right = String(wrong === 0);
    this.#lesson.showNumber(
      "seam.buffer",
      buffer.join(", "),
      "tract-wasm: trace of the pulsed filter after the first piece",
    );
  }

  #render() {
    render(this.#piece("First piece", 0, new Array<number>(CARRIED).fill(0)), this.#first);
    render(this.#piece("Second piece", PIECE, this.#slots, this.#isCarried), this.#second);
    render(
      this.#isCarried.map((isCarried, at) => {
        const number = PIECE - CARRIED + at;
        return html`<button class="button" type="button" aria-pressed=${isCarried} @click=${() => this.#toggle(at)}>Carry number ${number + 1} over: ${this.#numbers[number]}</button>`;
      }),
      this.#buttons,
    );
  }

  #piece(name: string, from: number, slots: readonly number[], isCarried: readonly boolean[] = []) {
    const columns = [...Array(PIECE).keys()].map((at) => from + at);
    const { whole = [], pieces = [] } = this.#outputs ?? {};
    return html`<div class="seam-piece" role="group" aria-label=${name}>
      <span class="seam-name">${name}</span>
      ${slots.map(
        (value, at) =>
          html`<span class="seam-slot" ?data-carried=${isCarried[at] ?? false} style=${`grid-column: ${at + 2}`}>${value}</span>`,
      )}
      ${columns.map(
        (number, at) =>
          html`<label class="seam-number" style=${`grid-column: ${at + CARRIED + 2}`}
            ><input type="range" min="0" max=${LARGEST} .value=${String(this.#numbers[number])} aria-label=${`Number ${number + 1}`} @input=${(event: Event) => this.#change(number, event)} /><span class="figure">${this.#numbers[number]}</span></label
          >`,
      )}
      <span class="seam-row">whole</span>
      ${columns.map((number, at) => html`<span class="seam-output" data-run="whole" style=${`grid-column: ${at + CARRIED + 2}`}>${format(whole[number])}</span>`)}
      <span class="seam-row">pieces</span>
      ${columns.map((number, at) => {
        const isWrong = this.#isWrong(number);
        return html`<span class="seam-output" data-run="pieces" ?data-wrong=${isWrong} style=${`grid-column: ${at + CARRIED + 2}`}>${format(pieces[number])}${isWrong ? html`<b aria-label="wrong">×</b>` : nothing}</span>`;
      })}
    </div>`;
  }

  #toggle(at: number) {
    this.#isCarried[at] = !this.#isCarried[at];
    void this.update();
  }

  #change(number: number, event: Event) {
    this.#numbers[number] = (event.target as HTMLInputElement).valueAsNumber;
    void this.update();
  }
}

const format = (value: number | undefined): string =>
  value === undefined ? "" : shown(Number(value.toFixed(2)));
