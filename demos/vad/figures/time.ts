import { shown } from "nnef-pulse/reading";
import { button, controls, statusLine } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { findingsOf } from "../findings.ts";
import { AudioSource } from "../model/audio-source.ts";
import { openConvolutionalLesson } from "../model/convolutional.ts";
import { PulsedModel } from "../model/pulsed-model.ts";
import { paintSeconds, paintWave, placeOf, SIDE } from "../timeline/paint.ts";

/** Mean milliseconds of a pulse, at places along the sound. */
interface Pace {
  readonly pulsed: PulsedModel;
  readonly id: string;
  readonly points: { readonly sample: number; readonly ms: number }[];
}

const WAVE = 44;
const LANE = 260;
const HEIGHT = WAVE + 8 + LANE + 30;
/** Width of the scale at the left. */
const SCALE_WIDTH = 64;
/** Measured places and runs at each. A browser’s clock is coarse, so a single run cannot be measured. */
const PLACES = 40;
const ROUNDS = 16;
/** Smallest and largest milliseconds of the logarithmic scale. */
const SCALE = { least: 0.01, most: 100 } as const;

/** Measures the time per pulse, and compares it with the time a pulse lasts. */
export const figure: BuildFigure = async (stage, lesson) => {
  const [audioSource, pulsed] = await Promise.all([AudioSource.of(lesson), PulsedModel.of(lesson)]);
  const view = new TimeFigure(stage, lesson, audioSource, pulsed);
  await view.measure();
  return view;
};

class TimeFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #audioSource: AudioSource;
  readonly #own: PulsedModel;
  readonly #drawing: Drawing;
  readonly #status = statusLine();
  #paces: Pace[] = [];
  #running: Promise<void> | undefined;

  constructor(stage: HTMLElement, lesson: Lesson, audioSource: AudioSource, own: PulsedModel) {
    this.#lesson = lesson;
    this.#audioSource = audioSource;
    this.#own = own;
    const picture = document.createElement("div");
    this.#drawing = new Drawing(
      picture,
      () => HEIGHT,
      "",
      (pen, size) => this.#paint(pen, size),
    );
    stage.append(
      controls(button("Measure again", () => void this.measure())),
      picture,
      this.#status,
    );
  }

  reset() {
    void this.measure();
  }

  /** Measures both models. A call during a measurement waits for it. */
  measure(): Promise<void> {
    this.#running ??= this.#measure().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #measure() {
    const { manifest } = this.#lesson.reading;
    const own: Pace = { pulsed: this.#own, id: manifest.id, points: [] };
    this.#paces = [own];
    await this.#fill(own);
    this.#showTimes();
    // Not awaited: the other bundle may still be being built. Its own section shows its errors.
    void this.#other()
      .then(async (pace) => {
        this.#paces = [...this.#paces.slice(0, 1), pace];
        await this.#fill(pace);
        this.#showTimes();
      })
      .catch(() => undefined);
  }

  async #other(): Promise<Pace> {
    const lesson = await openConvolutionalLesson(this.#lesson);
    return { pulsed: await PulsedModel.of(lesson), id: lesson.reading.manifest.id, points: [] };
  }

  async #fill(pace: Pace) {
    const { samples } = this.#audioSource.sound;
    const { pulseSamples } = pace.pulsed;
    const pulses = Math.floor(samples.length / pulseSamples);
    // The browser compiles the engine during the first runs.
    await pace.pulsed.measure(samples, 0, ROUNDS);
    for (let place = 0; place < PLACES; place++) {
      const pulse = Math.floor((place * pulses) / PLACES);
      const ms = await pace.pulsed.measure(samples, pulse, ROUNDS);
      pace.points.push({ sample: (pulse + 0.5) * pulseSamples, ms });
      this.#drawing.redraw();
    }
  }

  #showTimes() {
    const parts = this.#paces.map(({ pulsed, id, points }) => {
      const ms = median(points.map((point) => point.ms));
      return `${id}: ${round(ms)} ms for ${pulsed.pulseMs} ms of sound, ${round((100 * ms) / pulsed.pulseMs)} % of real time`;
    });
    this.#status.textContent = `${parts.join(" · ")}.`;
    this.#drawing.describe(
      `Time per pulse along the sound, on a logarithmic scale. ${parts.join("; ")}.`,
    );
    const [own, other] = this.#paces.map(({ points }) => median(points.map(({ ms }) => ms)));
    const where = `measured here: median of ${PLACES} places, ${ROUNDS} runs each`;
    if (own !== undefined) {
      findingsOf(this.#lesson).pulseMs = own;
      this.#lesson.showNumber("pace.ms", round(own), where);
      this.#lesson.showNumber("pace.share", `${round((100 * own) / this.#own.pulseMs)} %`, where);
    }
    if (other !== undefined) this.#lesson.showNumber("pace.other", round(other), where);
    this.#drawing.redraw();
  }

  #paint(pen: Pen, { width }: Size) {
    const { context, palette } = pen;
    const { sound, vad } = this.#audioSource;
    const stretch = { from: 0, to: sound.samples.length };
    const wave = {
      x: SIDE + SCALE_WIDTH,
      y: 4,
      width: width - 2 * SIDE - SCALE_WIDTH,
      height: WAVE,
    };
    const lane = { ...wave, y: wave.y + WAVE + 8, height: LANE };
    paintSeconds(pen, { ...wave, height: WAVE + 8 + LANE }, stretch, vad.sampleRate);
    paintWave(pen, wave, sound.samples, stretch, palette.muted);
    const tens = Math.log10(SCALE.most / SCALE.least);
    const y = (ms: number) => lane.y + lane.height * (1 - Math.log10(ms / SCALE.least) / tens);
    const line = (ms: number, text: string, colour: string, above: boolean) => {
      context.fillStyle = colour;
      context.fillRect(lane.x, y(ms) - 0.5, lane.width, 1);
      pen.label(text, lane.x + lane.width, y(ms) + (above ? -10 : 12), colour, "right");
    };
    for (let ms = SCALE.least * 10; ms < SCALE.most; ms *= 10) {
      context.fillStyle = palette.hairline;
      context.fillRect(lane.x, y(ms), lane.width, 1);
      pen.label(`${Number(ms.toPrecision(1))} ms`, SIDE, y(ms), palette.muted);
    }
    line(this.#own.pulseMs, `real time: ${this.#own.pulseMs} ms a pulse`, palette.delay, true);
    for (const [at, { id, points }] of this.#paces.entries()) {
      const colour = at === 0 ? palette.probability : palette.ink;
      context.strokeStyle = colour;
      context.fillStyle = colour;
      for (const { sample, ms } of points) {
        const x = placeOf(lane, stretch, sample);
        context.beginPath();
        context.arc(x, y(ms), 3, 0, 2 * Math.PI);
        if (at === 0) context.fill();
        else context.stroke();
      }
      const last = points.at(-1);
      if (last) {
        const lower = at === 0 ? Math.min(...points.map(({ ms }) => ms)) : undefined;
        const higher = Math.max(...points.map(({ ms }) => ms));
        const place = lower === undefined ? y(higher) - 14 : y(lower) + 16;
        pen.label(id, lane.x + lane.width, place, colour, "right");
      }
    }
  }
}

const round = (value: number): string => shown(Number(value.toPrecision(2)));

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
