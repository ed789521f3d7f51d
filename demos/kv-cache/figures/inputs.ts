import { html, render } from "lit";
import { cell } from "nnef-pulse/look";
import { shown } from "nnef-pulse/reading";
import { type Tensor, TractError, tensor } from "tract-wasm";
import type { RemoteRunnable } from "tract-wasm/worker";
import { button, controls, statusLine } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { Slider } from "../../kit/figures/slider.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { tokenLimit } from "../model/sentences.ts";

/** Largest batch size of the slider. */
const MOST_ROWS = 4;
/** Tokens beyond the assert's limit on the slider. */
const BEYOND = 8;
const ROW = 14;
const BLOCK = MOST_ROWS * ROW + 34;

/** The engine's answer. */
type Answer =
  | { readonly fact: string; readonly off: number | undefined }
  | { readonly error: TractError };

/** A grid for each input, with the reader's sizes. Each change runs the engine. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const reference = await lesson.reading.reference();
  const view = new InputsFigure(stage, lesson, await whole.prepare(), reference);
  await view.update();
  return view;
};

class InputsFigure implements Figure {
  readonly #runnable: RemoteRunnable;
  readonly #reference: ReadonlyMap<string, Tensor>;
  readonly #rows: Slider;
  readonly #tokens: Slider;
  readonly #longer: readonly HTMLButtonElement[];
  readonly #drawing: Drawing;
  readonly #status = statusLine("div");
  /** Whether the engine accepted the last sizes, so that there is an output to draw. */
  #isAccepted = false;
  /** The input with one token more than the others. */
  #longerInput: string | undefined;
  #requestId = 0;

  constructor(
    stage: HTMLElement,
    lesson: Lesson,
    runnable: RemoteRunnable,
    reference: ReadonlyMap<string, Tensor>,
  ) {
    this.#runnable = runnable;
    this.#reference = reference;
    const { most } = tokenLimit(lesson.reading);
    const [rows, tokens] = this.#initialSizes;
    const slider = (label: string, max: number, value: number) =>
      new Slider({
        label: `${label} =`,
        min: 1,
        max,
        value,
        onChange: () => void this.update(),
      });
    this.#rows = slider("B", MOST_ROWS, rows);
    this.#tokens = slider("S", most + BEYOND, tokens);
    this.#longer = runnable.inputs.map(({ name }) => button(name, () => this.#toggle(name)));
    const picture = document.createElement("div");
    stage.append(
      picture,
      this.#rows.element,
      this.#tokens.element,
      controls("One more token in", ...this.#longer),
      this.#status,
    );
    this.#drawing = new Drawing(
      picture,
      () => (runnable.inputs.length + 1) * BLOCK,
      "",
      (pen, size) => this.#paint(pen, size),
    );
  }

  reset() {
    [this.#rows.value, this.#tokens.value] = this.#initialSizes;
    this.#longerInput = undefined;
    void this.update();
  }

  async update() {
    const requestId = ++this.#requestId;
    for (const each of this.#longer)
      each.ariaPressed = String(each.textContent === this.#longerInput);
    this.#drawing.describe(
      this.#runnable.inputs
        .map(({ name }) => `${name}: ${this.#rows.value} rows of ${this.#length(name)} tokens`)
        .join("; "),
    );
    this.#drawing.redraw();
    const answer = await this.#send();
    if (requestId !== this.#requestId) return;
    this.#isAccepted = "fact" in answer;
    this.#drawing.redraw();
    render(
      "error" in answer
        ? html`<p class="refused"><b aria-hidden="true">×</b> ${answer.error.message}.</p>`
        : html`<p class="accepted"><b aria-hidden="true">✓</b> gives <code>${answer.fact}</code>${answer.off === undefined ? "" : html`, equal to PyTorch within ${shown(answer.off)}`}</p>`,
      this.#status,
    );
  }

  /** Sizes of the reference. */
  get #initialSizes(): readonly [number, number] {
    const [rows = 1, tokens = 1] = this.#of(this.#runnable.inputs[0]?.name).shape;
    return [rows, tokens];
  }

  #of(name = ""): Tensor {
    const found = this.#reference.get(name);
    if (!found) throw new Error(`the reference has no tensor "${name}"`);
    return found;
  }

  #toggle(name: string) {
    this.#longerInput = this.#longerInput === name ? undefined : name;
    void this.update();
  }

  #length(name: string): number {
    return this.#tokens.value + (name === this.#longerInput ? 1 : 0);
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
    const length = this.#isAccepted ? this.#tokens.value : 0;
    this.#grid(pen, width, { ...output, top, length, isOutput: true });
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
        const own = grid.isOutput ? palette.probability : palette.muted;
        cell(context, box, token < tokens ? own : palette.fault);
      }
    }
  }
}

/** Rows of cells: an input or the output. */
interface Grid {
  readonly top: number;
  readonly name: string;
  readonly fact: string;
  readonly length: number;
  readonly isOutput?: boolean;
}

/** A tensor (rows, tokens) filled with repeated items of another. */
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
