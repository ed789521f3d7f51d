import { html, render } from "lit";
import { shown } from "nnef-pulse/reading";
import { PulseError, type Tensor, tensor } from "tract-wasm";
import { type CurvePicture, curvesHeight, paintCurves } from "../../kit/figures/curves.ts";
import { Drawing } from "../../kit/figures/drawing.ts";
import type { Engine } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { withGraph } from "../bidirectional/edit-archive.ts";
import { bidirectional, bidirectionalByHand } from "../bidirectional/edit-text.ts";
import { knownOf } from "../findings.ts";
import { largestDifference, runPulsed, runWhole, type Strip, stripOf } from "../strip.ts";
import { eventOf } from "./events.ts";

/** A net run over the strip, whole and pulse by pulse, and what the engine said to pulsing it. */
interface Net {
  readonly name: string;
  readonly lines: readonly string[];
  readonly whole: readonly Float32Array[];
  readonly pulsed: readonly Float32Array[];
  readonly refusal: PulseError | undefined;
}

/** The same net forwards, and with a layer that reads from the end. */
export const figure: BuildFigure = async (stage, lesson) => {
  const engine = await lesson.engine();
  const strip = await stripOf(lesson);
  const [made] = lesson.reading.manifest.pulses;
  if (!made) throw new Error("this bundle has no pulsed form");
  const { symbol, pulse, delay, file } = made;
  const [wholeBytes, pulsedBytes] = await Promise.all(
    ["model.nnef.tgz", file].map((name) => lesson.reading.bytes(name)),
  );
  if (!wholeBytes || !pulsedBytes) throw new Error(`${file} could not be read`);
  const pulsedModel = await engine.tract.load(pulsedBytes.slice());
  const forwards = await runs(engine, strip, engine.whole, pulsedModel, delay);
  let lines: readonly string[] = [];
  const edited = await withGraph(wholeBytes, (text) => {
    const edit = bidirectional(text);
    lines = edit.lines;
    return edit.text;
  });
  const both = await engine.tract.load(edited);
  const byHand = await engine.tract.load(
    await withGraph(pulsedBytes, (text) => bidirectionalByHand(text).text),
  );
  const bothRuns = await runs(engine, strip, both, byHand, delay);
  const refusal = await refused(() => both.pulse(symbol, pulse));
  knownOf(lesson).influence = async (after) => {
    const moved = await runWhole(engine, both, {
      name: strip.name,
      input: changedAfter(strip.input, after),
    });
    return largestDifference(bothRuns.whole.slice(0, 1), moved.slice(0, 1)).value;
  };
  return new Backward(stage, lesson, [
    { name: "forwards", lines: [], ...forwards, refusal: undefined },
    { name: "both ways", lines, ...bothRuns, refusal },
  ]);
};

class Backward implements Figure {
  readonly #nets: readonly Net[];
  readonly #drawing: Drawing;
  readonly #controls = document.createElement("div");
  readonly #said = document.createElement("div");
  #net: Net | undefined;

  constructor(stage: HTMLElement, lesson: Lesson, nets: readonly Net[]) {
    this.#nets = nets;
    const picture = document.createElement("div");
    this.#controls.className = "controls";
    this.#said.className = "said";
    this.#said.role = "status";
    stage.append(this.#controls, picture, this.#said);
    this.#drawing = new Drawing(picture, curvesHeight, "", (pen, size) =>
      paintCurves(pen, size, this.#picture()),
    );
    const [, both] = nets;
    if (both) {
      const off = largestDifference(both.whole, both.pulsed).value;
      lesson.say(
        "backward.off",
        shown(Number(off.toPrecision(2))),
        "computed here: whole against pulsed by hand",
      );
    }
    this.reset();
  }

  reset() {
    this.#show(this.#nets[1]);
  }

  #show(net: Net | undefined) {
    if (!net) return;
    this.#net = net;
    const off = largestDifference(net.whole, net.pulsed).value;
    render(
      this.#nets.map(
        (each) =>
          html`<button class="button" type="button" aria-pressed=${each === net} @click=${() => this.#show(each)}>${each.name}</button>`,
      ),
      this.#controls,
    );
    render(
      html`${net.lines.length ? html`<pre class="excerpt" tabindex="0" role="region" aria-label="The edited lines">${net.lines.map((line) => html`<span class="excerpt-line"><code>${line}</code></span>`)}</pre>` : ""}
        <p>Whole and pulsed, moved by the delay, differ by <span class="figure">${shown(Number(off.toPrecision(2)))}</span> at most.</p>
        ${
          net.refusal
            ? html`<p class="refused"><b aria-hidden="true">×</b> The engine, asked to pulse it: ${net.refusal.message}.</p>`
            : html`<p class="accepted"><b aria-hidden="true">✓</b> The engine pulses it.</p>`
        }`,
      this.#said,
    );
    this.#drawing.tell(
      `Whole and pulsed curves of the net that runs ${net.name}; they differ by ${shown(Number(off.toPrecision(2)))} at most.`,
    );
    this.#drawing.redraw();
  }

  #picture(): CurvePicture {
    const whole = (this.#net?.whole ?? []).map(eventOf);
    const pulsed = (this.#net?.pulsed ?? []).map(eventOf);
    return {
      frames: whole.length,
      tolerance: 1e-5,
      curves: [
        { name: "whole", values: whole, from: 0, colour: "ink" },
        { name: "pulsed", values: pulsed, from: 0, colour: "probability", dashed: true },
      ],
      difference: whole.map((value, frame) => Math.abs(value - (pulsed[frame] ?? 0))),
    };
  }
}

/** Both outputs, the pulsed one with its delay taken off. */
async function runs(
  engine: Engine,
  strip: Strip,
  whole: Engine["whole"],
  pulsed: Engine["whole"],
  delay: number,
) {
  const frames = await runWhole(engine, whole, strip);
  const out = await runPulsed(pulsed, strip, frames.length + delay);
  return { whole: frames, pulsed: out.slice(delay) };
}

async function refused(pulse: () => Promise<unknown>): Promise<PulseError | undefined> {
  try {
    await pulse();
    return undefined;
  } catch (error) {
    if (error instanceof PulseError) return error;
    throw error;
  }
}

function changedAfter(strip: Tensor, frame: number): Tensor {
  const data = (strip.data as Float32Array).slice();
  for (let at = (frame + 1) * (strip.shape[2] ?? 0); at < data.length; at++) {
    data[at] = (data[at] ?? 0) + 3;
  }
  return tensor(data, strip.shape);
}
