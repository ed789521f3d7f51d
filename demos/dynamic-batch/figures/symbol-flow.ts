import { html, render, type TemplateResult } from "lit";
import { Slider } from "../../kit/figures/slider.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { newShapes, type Station, wayThrough } from "../plans/graph-path.ts";

/** Largest batch to look at. */
const MOST = 16;

/** One wire as it is left open, and the shapes the engine gives it for each batch. */
interface Row {
  readonly op: string;
  readonly name: string;
  readonly open: readonly (number | string)[];
  /** By batch, from 1. */
  readonly fixed: readonly (readonly (number | string)[])[];
}

/** Every shape on the way from input to output, with the symbol in it. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { whole } = await lesson.engine();
  const { symbol } = lesson.reading;
  const stations = newShapes(wayThrough(await whole.graph()));
  const fixed: ReadonlyMap<string, Station>[] = [];
  for (let batch = 1; batch <= MOST; batch++) {
    const model = await whole.setSymbols({ [symbol]: batch });
    const way = wayThrough(await model.graph());
    fixed.push(new Map(way.map((station) => [station.node.name, station])));
    model.dispose();
  }
  const rows = stations.map(({ node, shape }) => ({
    op: node.op,
    name: node.name,
    open: shape,
    fixed: fixed.map((way) => way.get(node.name)?.shape ?? []),
  }));
  return new Flow(stage, lesson, symbol, rows);
};

class Flow implements Figure {
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
      shown: (value) => `${symbol} = ${value}`,
      moved: () => this.#show(),
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
    this.#lesson.say("flow.batch", batch, from);
    this.#lesson.say("flow.output", last.join(","), from);
  }
}

const START = 3;

const sizeOf = (shape: readonly (number | string)[]): number =>
  shape.reduce<number>((product, size) => product * Number(size), 1);

/** A shape with the symbol lit. */
function withSymbol(shape: readonly (number | string)[], symbol: string): TemplateResult[] {
  const parts = shape.join(",").split(new RegExp(`(\\b${symbol}\\b)`));
  return parts.map((part) =>
    part === symbol ? html`<b class="symbol">${part}</b>` : html`${part}`,
  );
}
