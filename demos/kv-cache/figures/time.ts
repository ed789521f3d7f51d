import { Drawing } from "../../kit/figures/drawing.ts";
import { LongRun, type ReportProgress } from "../../kit/figures/long-run.ts";
import { type Plot, paintPlot, plotHeight } from "../../kit/figures/plot.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { type Cache, Decoder, maxPositions } from "../model/decoder.ts";

/** First measured position. At smaller ones fixed costs dominate. */
const FIRST = 4;
/** Positions between measurements. */
const EVERY = 8;
/** Runs per measurement, and measurements per position. The smallest counts, because it was disturbed least. */
const ROUNDS = 10;
const MEASUREMENTS = 6;
/** Largest allowed ratio of the cached times at the last and the first position. */
const GROWTH = 1.5;
/** Smallest allowed ratio of the times without and with the cache, at the last position. */
const GAIN = 5;

/** Milliseconds of a token at a position. */
interface Measured {
  readonly position: number;
  readonly cached: number;
  readonly whole: number;
}

/** Time per token at each position, with and without the cache. */
export const figure: BuildFigure = async (stage, lesson) => {
  const decoder = await Decoder.of(lesson);
  const view = new TimeFigure(stage, lesson, decoder);
  await view.begin();
  return view;
};

class TimeFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #decoder: Decoder;
  readonly #last: number;
  readonly #drawing: Drawing;
  readonly #run: LongRun;
  #measured: readonly Measured[] = [];
  /** First and last position, measured when the figure is built. */
  #ends: readonly Measured[] = [];

  constructor(stage: HTMLElement, lesson: Lesson, decoder: Decoder) {
    this.#lesson = lesson;
    this.#decoder = decoder;
    this.#last = maxPositions(lesson.reading);
    const picture = document.createElement("div");
    this.#run = new LongRun({
      label: "Measure every position",
      run: (report, stopped) => this.#all(report, stopped),
    });
    stage.append(picture, this.#run.element);
    this.#drawing = new Drawing(picture, plotHeight, "", (pen, size) =>
      paintPlot(pen, size, this.#plot()),
    );
  }

  async begin() {
    // The browser compiles the engine during its first runs.
    await this.#at(FIRST);
    this.#ends = [await this.#at(FIRST), await this.#at(this.#last)];
    this.#show(this.#ends);
  }

  reset() {
    this.#run.reset();
    this.#show(this.#ends);
  }

  async #all(report: ReportProgress, stopped: AbortSignal) {
    const positions = [FIRST];
    for (let at = EVERY; at < this.#last; at += EVERY) positions.push(at);
    positions.push(this.#last);
    const measured: Measured[] = [];
    for (const position of positions) {
      const found = await this.#at(position);
      if (stopped.aborted) break;
      measured.push(found);
      report(measured.length, positions.length);
      this.#show(measured);
    }
    const { growth, gain } = ratios(measured);
    const right = growth <= GROWTH && gain >= GAIN;
    const text = `From position ${FIRST} to ${this.#last} a token with the cache takes ${growth.toFixed(2)} times as long; without it, it takes ${gain.toFixed(1)} times as long as with it.`;
    return {
      text: right ? text : `${text} Something else kept this machine busy. Measure again.`,
      right,
    };
  }

  /** Measures a token alone with a cache, and with all tokens before it without a cache. */
  async #at(position: number): Promise<Measured> {
    return {
      position,
      cached: await this.#time("0", this.#decoder.zeroCache(position - 1)),
      whole: await this.#time("0".repeat(position), this.#decoder.emptyCache),
    };
  }

  /** Milliseconds of a run, measured inside the engine. */
  async #time(text: string, past: Cache): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let time = 0; time < MEASUREMENTS; time++) {
      const inputs = this.#decoder.inputs(text, past);
      const { ms } = await this.#decoder.runnable.profile(inputs, { rounds: ROUNDS });
      least = Math.min(least, ms);
    }
    return least;
  }

  #show(measured: readonly Measured[]) {
    this.#measured = measured;
    const last = measured.at(-1);
    if (last?.position === this.#last) {
      const { growth, gain } = ratios(measured);
      const from = `measured here: the smallest of ${MEASUREMENTS} times ${ROUNDS} runs`;
      this.#lesson.showNumber("time.cached", ms(last.cached), from);
      this.#lesson.showNumber("time.whole", ms(last.whole), from);
      this.#lesson.showNumber(
        "time.growth",
        growth.toFixed(2),
        `${from}; position ${this.#last} over ${FIRST}`,
      );
      this.#lesson.showNumber("time.gain", gain.toFixed(1), `${from}; at position ${this.#last}`);
    }
    this.#drawing.describe(
      measured
        .map(
          ({ position, cached, whole }) =>
            `position ${position}: ${ms(cached)} with the cache, ${ms(whole)} without`,
        )
        .join("; "),
    );
    this.#drawing.redraw();
  }

  #plot(): Plot {
    const line = (of: "cached" | "whole") =>
      this.#measured.map((each) => ({ x: each.position, y: each[of] }));
    return {
      series: [
        { name: "without cache", points: line("whole"), colour: "ink", dashed: true },
        { name: "with cache", points: line("cached"), colour: "state" },
      ],
      x: { label: "position", ticks: [0, 16, 32, 48, this.#last + 1] },
      y: { label: "ms per token", format: (value) => String(Number(value.toPrecision(2))) },
    };
  }
}

/** Growth of the cached time, and gain of the cache at the last position. */
function ratios(measured: readonly Measured[]) {
  const [first] = measured;
  const last = measured.at(-1);
  return {
    growth: (last?.cached ?? Number.NaN) / (first?.cached ?? Number.NaN),
    gain: (last?.whole ?? Number.NaN) / (last?.cached ?? Number.NaN),
  };
}

const ms = (value: number): string => `${Number(value.toPrecision(2))} ms`;
