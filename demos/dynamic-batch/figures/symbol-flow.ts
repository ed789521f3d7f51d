import { html, render, type TemplateResult } from "lit";
import { Slider } from "../../kit/figures/slider.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { firstOfEachShape, longestPath, type PathStep } from "../plans/graph-path.ts";

/** Largest batch size of the slider. */
const MOST = 16;

/** A wire: its shape with the symbol, and its shape for each batch size. */
interface Row {
  readonly op: string;
  readonly name: string;
  readonly open: readonly (number | string)[];
  /** By batch size, from 1. */
  readonly fixed: readonly (readonly (number | string)[])[];
}

/** Every new shape from input to output, with the symbol and with the reader's number. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const { symbol } = lesson.reading;
  const steps = firstOfEachShape(longestPath(await whole.graph()));
  const fixed: ReadonlyMap<string, PathStep>[] = [];
  for (let batch = 1; batch <= MOST; batch++) {
    const model = await whole.setSymbols({ [symbol]: batch });
    const way = longestPath(await model.graph());
    fixed.push(new Map(way.map((step) => [step.node.name, step])));
    model.dispose();
  }
  const rows = steps.map(({ node, shape }) => ({
    op: node.op,
    name: node.name,
    open: shape,
    fixed: fixed.map((way) => way.get(node.name)?.shape ?? []),
  }));
  return new SymbolFlowFigure(stage, lesson, symbol, rows);
};

class SymbolFlowFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #symbol: string;
  readonly #rows: readonly Row[];
  readonly #slider: Slider;
  readonly #list = document.createElement("div");

  constructor(stage: HTMLElement, lesson: Lesson, symbol: string, rows: readonly Row[]) {
    this.#lesson = lesson;
    this.#symbol = symbol;
    this.#rows = rows;
    this.#slider = new Slider({
      label: symbol,
      min: 1,
      max: MOST,
      value: START,
      format: (value) => `${symbol} = ${value}`,
      onChange: () => this.#show(),
    });
    this.#list.className = "flow";
    stage.append(this.#slider.element, this.#list);
    this.#show();
  }

  reset() {
    this.#slider.value = START;
    this.#show();
  }

  #show() {
    const batch = this.#slider.value;
    const sizes = this.#rows.map(({ fixed }) => sizeOf(fixed[batch - 1] ?? []));
    const most = Math.max(...this.#rows.map(({ fixed }) => sizeOf(fixed[MOST - 1] ?? [])));
    render(
      this.#rows.map(({ op, name, open, fixed }, at) => {
        const size = sizes[at] ?? 0;
        return html`<div class="flow-row" title=${name}>
          <span class="flow-op">${op}</span>
          <code class="flow-open">${withSymbol(open, this.#symbol)}</code>
          <code class="flow-fixed">${(fixed[batch - 1] ?? []).join(",")}</code>
          <span class="flow-size figure">${size}</span>
          <span class="flow-bar" style=${`inline-size: ${Math.max(0.5, (100 * size) / most)}%`}></span>
        </div>`;
      }),
      this.#list,
    );
    const last = this.#rows.at(-1)?.fixed[batch - 1] ?? [];
    const from = `figure: the engine's facts with ${this.#symbol} = ${batch}`;
    this.#lesson.showNumber("flow.batch", batch, from);
    this.#lesson.showNumber("flow.output", last.join(","), from);
  }
}

const START = 3;

const sizeOf = (shape: readonly (number | string)[]): number =>
  shape.reduce<number>((product, size) => product * Number(size), 1);

/** A shape with its symbol highlighted. */
function withSymbol(shape: readonly (number | string)[], symbol: string): TemplateResult[] {
  const parts = shape.join(",").split(new RegExp(`(\\b${symbol}\\b)`));
  return parts.map((part) =>
    part === symbol ? html`<b class="symbol">${part}</b>` : html`${part}`,
  );
}
