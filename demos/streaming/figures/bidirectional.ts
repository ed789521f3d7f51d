import { html, render } from "lit";
import { shown } from "nnef-pulse/reading";
import { PulseError, type Tensor, tensor } from "tract-wasm";
import { type CurvePicture, curvesHeight, paintCurves } from "../../kit/figures/curves.ts";
import { Drawing } from "../../kit/figures/drawing.ts";
import type { Engine } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { bidirectional, bidirectionalByHand } from "../bidirectional/edit-text.ts";
import { findingsOf } from "../findings.ts";
import { largestDifference, runPulsed, runWhole, type Strip, stripOf } from "../strip.ts";
import { withGraph } from "../tar.ts";
import { eventOf } from "./events.ts";

/** A network's outputs over the strip, whole and pulsed, and the engine's refusal to pulse it. */
interface Network {
  readonly name: string;
  readonly lines: readonly string[];
  readonly whole: readonly Float32Array[];
  readonly pulsed: readonly Float32Array[];
  readonly refusal: PulseError | undefined;
}

/** The network as it is, and with a layer that also reads backwards. */
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
  const forwards = await runBoth(engine, strip, engine.whole, pulsedModel, delay);
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
  const bothRuns = await runBoth(engine, strip, both, byHand, delay);
  const refusal = await refusalOf(() => both.pulse(symbol, pulse));
  findingsOf(lesson).influence = async (after) => {
    const moved = await runWhole(engine, both, {
      name: strip.name,
      input: changedAfter(strip.input, after),
    });
    return largestDifference(bothRuns.whole.slice(0, 1), moved.slice(0, 1)).value;
  };
  return new BidirectionalFigure(stage, lesson, [
    { name: "forwards", lines: [], ...forwards, refusal: undefined },
    { name: "both ways", lines, ...bothRuns, refusal },
  ]);
};

class BidirectionalFigure implements Figure {
  readonly #networks: readonly Network[];
  readonly #drawing: Drawing;
  readonly #controls = document.createElement("div");
  readonly #status = document.createElement("div");
  #network: Network | undefined;

  constructor(stage: HTMLElement, lesson: Lesson, networks: readonly Network[]) {
    this.#networks = networks;
    const picture = document.createElement("div");
    this.#controls.className = "controls";
    this.#status.className = "result";
    this.#status.role = "status";
    stage.append(this.#controls, picture, this.#status);
    this.#drawing = new Drawing(picture, curvesHeight, "", (pen, size) =>
      paintCurves(pen, size, this.#picture()),
    );
    const [, both] = networks;
    if (both) {
      const off = largestDifference(both.whole, both.pulsed).value;
      lesson.showNumber(
        "backward.off",
        shown(Number(off.toPrecision(2))),
        "computed here: whole against pulsed by hand",
      );
    }
    this.reset();
  }

  reset() {
    this.#show(this.#networks[1]);
  }

  #show(network: Network | undefined) {
    if (!network) return;
    this.#network = network;
    const off = largestDifference(network.whole, network.pulsed).value;
    render(
      this.#networks.map(
        (each) =>
          html`<button class="button" type="button" aria-pressed=${each === network} @click=${() => this.#show(each)}>${each.name}</button>`,
      ),
      this.#controls,
    );
    render(
      html`${network.lines.length ? html`<pre class="excerpt" tabindex="0" role="region" aria-label="The edited lines">${network.lines.map((line) => html`<span class="excerpt-line"><code>${line}</code></span>`)}</pre>` : ""}
        <p>Whole and pulsed, moved by the delay, differ by <span class="figure">${shown(Number(off.toPrecision(2)))}</span> at most.</p>
        ${
          network.refusal
            ? html`<p class="refused"><b aria-hidden="true">×</b> The engine, asked to pulse it: ${network.refusal.message}.</p>`
            : html`<p class="accepted"><b aria-hidden="true">✓</b> The engine pulses it.</p>`
        }`,
      this.#status,
    );
    this.#drawing.describe(
      `Whole and pulsed curves of the network that runs ${network.name}; they differ by ${shown(Number(off.toPrecision(2)))} at most.`,
    );
    this.#drawing.redraw();
  }

  #picture(): CurvePicture {
    const whole = (this.#network?.whole ?? []).map(eventOf);
    const pulsed = (this.#network?.pulsed ?? []).map(eventOf);
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

/** Runs both models; the delay is removed from the pulsed output. */
async function runBoth(
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

async function refusalOf(pulse: () => Promise<unknown>): Promise<PulseError | undefined> {
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
