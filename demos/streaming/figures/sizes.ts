import { html, render } from "lit";
import { cell } from "nnef-pulse/look";
import { shortest } from "nnef-pulse/reading";
import { type Tensor, TractError, tensor } from "tract-wasm";
import type { RemoteRunnable } from "tract-wasm/worker";
import { Drawing, type Pen, type Size } from "../../form/drawing.ts";
import type { BuildFigure, Figure, Lesson } from "../../form/lesson.ts";
import { Slider } from "../../form/slider.ts";
import { type Strip, stripOf } from "../strip.ts";

/** One export of the model, and what it said of the last strip. */
interface Export {
  readonly name: string;
  readonly fact: string;
  readonly runnable: RemoteRunnable;
}
type Answer = { readonly fact: string } | { readonly error: TractError };

const CELL = 22;
const HEIGHT = 58;

/** The same strip sent to a fixed and to a dynamic export. */
export const figure: BuildFigure = async (stage, lesson) => {
  const engine = await lesson.engine();
  const [strip, windows] = await Promise.all([stripOf(lesson), lesson.reading.windows()]);
  const { symbols } = engine.whole;
  const fixed = await engine.whole.setSymbols(
    Object.fromEntries(
      symbols.map((symbol) => [symbol, symbol === lesson.reading.symbol ? strip.frames : 1]),
    ),
  );
  const exports = [
    { name: "fixed", fact: fixed.inputs[0]?.fact ?? "", runnable: await fixed.prepare() },
    {
      name: "dynamic",
      fact: engine.whole.inputs[0]?.fact ?? "",
      runnable: await engine.whole.prepare(),
    },
  ];
  const view = new Sizes(stage, lesson, exports, strip, shortest(windows));
  view.reset();
  return view;
};

class Sizes implements Figure {
  readonly #exports: readonly Export[];
  readonly #strip: Strip;
  /** Frames of the shortest strip the model takes. */
  readonly #least: number;
  readonly #slider: Slider;
  readonly #drawing: Drawing;
  readonly #said = document.createElement("div");
  #turn = 0;

  constructor(
    stage: HTMLElement,
    lesson: Lesson,
    exports: readonly Export[],
    strip: Strip,
    least: number,
  ) {
    this.#exports = exports;
    this.#strip = strip;
    this.#least = least;
    const { frames } = strip;
    lesson.say("fixed.frames", frames, "reference.safetensors: the length of its strip");
    const picture = document.createElement("div");
    this.#said.className = "answers";
    this.#said.role = "status";
    this.#slider = new Slider({
      label: "Frames sent",
      min: 1,
      max: frames + 20,
      value: frames,
      shown: (value) => `${lesson.reading.symbol} = ${value}`,
      moved: () => void this.#send(),
    });
    stage.append(picture, this.#slider.element, this.#said);
    this.#drawing = new Drawing(
      picture,
      () => HEIGHT,
      "",
      (pen, size) => this.#paint(pen, size),
    );
  }

  reset() {
    this.#slider.value = this.#strip.frames;
    void this.#send();
  }

  async #send() {
    const turn = ++this.#turn;
    const length = this.#slider.value;
    this.#drawing.tell(`A strip of ${length} frames.`);
    this.#drawing.redraw();
    const input = cut(this.#strip, length);
    const answers = await Promise.all(
      this.#exports.map(({ runnable }) => sent(runnable, this.#strip.name, input)),
    );
    if (turn !== this.#turn) return;
    render(
      this.#exports.map(({ name, fact }, at) => {
        const answer = answers[at];
        const ok = answer && "fact" in answer;
        return html`<div class="answer-row" data-right=${String(ok === true)}>
          <span class="answer-name">${name} <code>${fact}</code></span>
          <p><b aria-hidden="true">${ok ? "✓" : "×"}</b> ${ok ? html`gives <code>${answer.fact}</code>` : answer?.error.message}</p>
        </div>`;
      }),
      this.#said,
    );
  }

  #paint({ context, palette, label }: Pen, { width }: Size) {
    const length = this.#slider.value;
    const wide = (width - 8) / (this.#strip.frames + 20);
    label("input", 4, 12, palette.ink);
    label(`${length} frames`, width - 4, 12, palette.muted, "right");
    for (let frame = 0; frame < length; frame++) {
      const box = { x: 4 + frame * wide, y: 28, width: Math.max(1, wide - 1), height: CELL };
      const colour = length < this.#least ? palette.fault : palette.probability;
      cell(context, box, frame < this.#strip.frames ? colour : palette.delay);
    }
  }
}

async function sent(runnable: RemoteRunnable, name: string, input: Tensor): Promise<Answer> {
  try {
    const [output] = Object.values(await runnable.run({ [name]: input }));
    return { fact: `${output?.shape.join(",")},${output?.dtype}` };
  } catch (error) {
    if (error instanceof TractError) return { error };
    throw error;
  }
}

/** The example strip, cut or filled up with zeros. */
function cut({ input }: Strip, length: number): Tensor {
  const width = input.shape[2] ?? 0;
  const data = new Float32Array(length * width);
  data.set((input.data as Float32Array).subarray(0, data.length));
  return tensor(data, [1, length, width]);
}
