import { html, render } from "lit";
import { cell } from "nnef-pulse/look";
import { shown } from "nnef-pulse/reading";
import { type Tensor, TractError, tensor } from "tract-wasm";
import type { RemoteRunnable } from "tract-wasm/worker";
import { button, controls, status } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { Slider } from "../../kit/figures/slider.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { bound } from "../model/sentences.ts";

/** Rows of the largest batch that can be asked for. */
const MOST_ROWS = 4;
/** Tokens past the assert that can be asked for. */
const BEYOND = 8;
const ROW = 14;
const BLOCK = MOST_ROWS * ROW + 34;

/** What the engine answered. */
type Answer =
  | { readonly fact: string; readonly off: number | undefined }
  | { readonly error: TractError };

/** Each input as its own grid, of sizes the reader gives; the engine is asked each time. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const reference = await lesson.reading.reference();
  const view = new Inputs(stage, lesson, await whole.prepare(), reference);
  await view.ask();
  return view;
};

class Inputs implements Figure {
  readonly #runnable: RemoteRunnable;
  readonly #reference: ReadonlyMap<string, Tensor>;
  readonly #rows: Slider;
  readonly #tokens: Slider;
  readonly #longer: readonly HTMLButtonElement[];
  readonly #drawing: Drawing;
  readonly #said = status("div");
  /** Whether the engine took the last sizes: then there is an output to draw. */
  #taken = false;
  /** The input that has one token more than the others. */
  #odd: string | undefined;
  #turn = 0;

  constructor(
    stage: HTMLElement,
    lesson: Lesson,
    runnable: RemoteRunnable,
    reference: ReadonlyMap<string, Tensor>,
  ) {
    this.#runnable = runnable;
    this.#reference = reference;
    const { most } = bound(lesson.reading);
    const [rows, tokens] = this.#begin;
    const slider = (label: string, max: number, value: number) =>
      new Slider({
        label: `${label} =`,
        min: 1,
        max,
        value,
        moved: () => void this.ask(),
      });
    this.#rows = slider("B", MOST_ROWS, rows);
    this.#tokens = slider("S", most + BEYOND, tokens);
    this.#longer = runnable.inputs.map(({ name }) => button(name, () => this.#toggle(name)));
    const picture = document.createElement("div");
    stage.append(
      picture,
      this.#rows.element,
      this.#tokens.element,
      controls("A token more in", ...this.#longer),
      this.#said,
    );
    this.#drawing = new Drawing(
      picture,
      () => (runnable.inputs.length + 1) * BLOCK,
      "",
      (pen, size) => this.#paint(pen, size),
    );
  }

  reset() {
    [this.#rows.value, this.#tokens.value] = this.#begin;
    this.#odd = undefined;
    void this.ask();
  }

  async ask() {
    const turn = ++this.#turn;
    for (const each of this.#longer) each.ariaPressed = String(each.textContent === this.#odd);
    this.#drawing.tell(
      this.#runnable.inputs
        .map(({ name }) => `${name}: ${this.#rows.value} rows of ${this.#length(name)} tokens`)
        .join("; "),
    );
    this.#drawing.redraw();
    const answer = await this.#send();
    if (turn !== this.#turn) return;
    this.#taken = "fact" in answer;
    this.#drawing.redraw();
    render(
      "error" in answer
        ? html`<p class="refused"><b aria-hidden="true">×</b> ${answer.error.message}.</p>`
        : html`<p class="accepted"><b aria-hidden="true">✓</b> gives <code>${answer.fact}</code>${answer.off === undefined ? "" : html`, as PyTorch did to within ${shown(answer.off)}`}</p>`,
      this.#said,
    );
  }

  /** The reference's own sizes. */
  get #begin(): readonly [number, number] {
    const [rows = 1, tokens = 1] = this.#of(this.#runnable.inputs[0]?.name).shape;
    return [rows, tokens];
  }

  #of(name = ""): Tensor {
    const found = this.#reference.get(name);
    if (!found) throw new Error(`the reference has no ${name}`);
    return found;
  }

  #toggle(name: string) {
    this.#odd = this.#odd === name ? undefined : name;
    void this.ask();
  }

  #length(name: string): number {
    return this.#tokens.value + (name === this.#odd ? 1 : 0);
  }

  async #send(): Promise<Answer> {
    const rows = this.#rows.value;
    const inputs = Object.fromEntries(
      this.#runnable.inputs.map(({ name }) => [
        name,
        repeated(this.#of(name), [rows, this.#length(name)]),
      ]),
    );
    try {
      const [output] = Object.values(await this.#runnable.run(inputs));
      if (!output) throw new Error("the model has no output");
      const expected = this.#of(this.#runnable.outputs[0]?.name);
      const same = String(expected.shape) === String(output.shape);
      return {
        fact: `${output.shape.join(",")},${output.dtype}`,
        off: same ? largest(output, expected) : undefined,
      };
    } catch (error) {
      if (error instanceof TractError) return { error };
      throw error;
    }
  }

  #paint(pen: Pen, { width }: Size) {
    const [output] = this.#runnable.outputs;
    for (const [at, { name, fact }] of this.#runnable.inputs.entries()) {
      this.#grid(pen, width, { top: at * BLOCK, name, fact, length: this.#length(name) });
    }
    if (!output) return;
    const top = this.#runnable.inputs.length * BLOCK;
    const length = this.#taken ? this.#tokens.value : 0;
    this.#grid(pen, width, { ...output, top, length, made: true });
  }

  #grid({ context, palette, label }: Pen, width: number, grid: Grid) {
    const tokens = this.#tokens.value;
    const wide = Math.min(24, (width - 8) / (tokens + 1));
    label(grid.name, 4, grid.top + 12, palette.ink);
    let right = width - 4;
    for (const part of grid.fact.split(/([A-Z]\w*)/).reverse()) {
      label(
        part,
        right,
        grid.top + 12,
        /^[A-Z]/.test(part) ? palette.symbol : palette.muted,
        "right",
      );
      right -= context.measureText(part).width;
    }
    for (let row = 0; row < this.#rows.value; row++) {
      for (let token = 0; token < grid.length; token++) {
        const box = {
          x: 4 + token * wide,
          y: grid.top + 26 + row * ROW,
          width: Math.max(0.5, wide - (wide > 4 ? 2 : 0)),
          height: ROW - 4,
        };
        const own = grid.made ? palette.probability : palette.muted;
        cell(context, box, token < tokens ? own : palette.fault);
      }
    }
  }
}

/** Rows of cells: an input, or what the model made. */
interface Grid {
  readonly top: number;
  readonly name: string;
  readonly fact: string;
  readonly length: number;
  readonly made?: boolean;
}

/** A tensor of (rows, tokens) filled with another's items, over and over. */
function repeated(given: Tensor, shape: readonly [number, number]): Tensor {
  const items = given.data as BigInt64Array;
  const data = BigInt64Array.from(
    { length: shape[0] * shape[1] },
    (_, at) => items[at % items.length] ?? 0n,
  );
  return tensor(data, shape);
}

/** The largest difference, to two digits. */
function largest(a: Tensor, b: Tensor): number {
  const other = b.data as Float32Array;
  const most = (a.data as Float32Array).reduce(
    (found, value, at) => Math.max(found, Math.abs(value - (other[at] ?? Number.NaN))),
    0,
  );
  return Number(most.toPrecision(2));
}
