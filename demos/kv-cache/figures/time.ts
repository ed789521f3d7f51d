import { Drawing } from "../../kit/figures/drawing.ts";
import { LongRun, type Tell } from "../../kit/figures/long-run.ts";
import { type Plot, paintPlot, plotHeight } from "../../kit/figures/plot.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { type Cache, Decoder, longest } from "../model/decoder.ts";

/** The position the first measurement stands for: with fewer, fixed costs are all there is. */
const FIRST = 4;
/** Positions between two measurements. */
const EVERY = 8;
/** Runs summed over for one time, and times of which the least is taken: what is left is the model's own. */
const ROUNDS = 10;
const TIMES = 6;
/** What is asked of the cache: as many times the time of the first position, at the last, at most. */
const GROWTH = 1.5;
/** And of reading again: as many times the cached time, at the last position, at least. */
const GAIN = 5;

/** What a token took at a position, in milliseconds. */
interface Measured {
  readonly position: number;
  readonly cached: number;
  readonly whole: number;
}

/** Time per token, position by position, with the cache and without it. */
export const figure: BuildFigure = async (stage, lesson) => {
  const decoder = await Decoder.of(lesson);
  const view = new Times(stage, lesson, decoder);
  await view.begin();
  return view;
};

class Times implements Figure {
  readonly #lesson: Lesson;
  readonly #decoder: Decoder;
  readonly #last: number;
  readonly #drawing: Drawing;
  readonly #run: LongRun;
  #measured: readonly Measured[] = [];
  /** The ends alone, measured when the figure is built. */
  #ends: readonly Measured[] = [];

  constructor(stage: HTMLElement, lesson: Lesson, decoder: Decoder) {
    this.#lesson = lesson;
    this.#decoder = decoder;
    this.#last = longest(lesson.reading);
    const picture = document.createElement("div");
    this.#run = new LongRun({
      label: "Measure every position",
      run: (tell, stopped) => this.#all(tell, stopped),
    });
    stage.append(picture, this.#run.element);
    this.#drawing = new Drawing(picture, plotHeight, "", (pen, size) =>
      paintPlot(pen, size, this.#plot()),
    );
  }

  async begin() {
    // What runs for the first time is compiled while it runs.
    await this.#at(FIRST);
    this.#ends = [await this.#at(FIRST), await this.#at(this.#last)];
    this.#show(this.#ends);
  }

  reset() {
    this.#run.reset();
    this.#show(this.#ends);
  }

  async #all(tell: Tell, stopped: AbortSignal) {
    const positions = [FIRST];
    for (let at = EVERY; at < this.#last; at += EVERY) positions.push(at);
    positions.push(this.#last);
    const measured: Measured[] = [];
    for (const position of positions) {
      const found = await this.#at(position);
      if (stopped.aborted) break;
      measured.push(found);
      tell(measured.length, positions.length);
      this.#show(measured);
    }
    const { growth, gain } = ratios(measured);
    const right = growth <= GROWTH && gain >= GAIN;
    const text = `From position ${FIRST} to ${this.#last} a token with the cache takes ${growth.toFixed(2)} times as long; without it, it takes ${gain.toFixed(1)} times as long as with it.`;
    return {
      text: right ? text : `${text} Something else kept this machine busy: measure again.`,
      right,
    };
  }

  /** What the token at a position takes: alone after all before it, and with all before it. */
  async #at(position: number): Promise<Measured> {
    return {
      position,
      cached: await this.#time("0", this.#decoder.blank(position - 1)),
      whole: await this.#time("0".repeat(position), this.#decoder.empty),
    };
  }

  /** Milliseconds of one run, the worker's and the page's share left out. */
  async #time(text: string, past: Cache): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let time = 0; time < TIMES; time++) {
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
      const from = `measured here: the least of ${TIMES} times ${ROUNDS} runs`;
      this.#lesson.say("time.cached", ms(last.cached), from);
      this.#lesson.say("time.whole", ms(last.whole), from);
      this.#lesson.say(
        "time.growth",
        growth.toFixed(2),
        `${from}; position ${this.#last} over ${FIRST}`,
      );
      this.#lesson.say("time.gain", gain.toFixed(1), `${from}; at position ${this.#last}`);
    }
    this.#drawing.tell(
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
      y: { label: "ms a token", shown: (value) => String(Number(value.toPrecision(2))) },
    };
  }
}

/** Over its own first, and over what the cache takes, at the last position. */
function ratios(measured: readonly Measured[]) {
  const [first] = measured;
  const last = measured.at(-1);
  return {
    growth: (last?.cached ?? Number.NaN) / (first?.cached ?? Number.NaN),
    gain: (last?.whole ?? Number.NaN) / (last?.cached ?? Number.NaN),
  };
}

const ms = (value: number): string => `${Number(value.toPrecision(2))} ms`;
