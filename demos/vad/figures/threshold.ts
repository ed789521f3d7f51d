import { type Segment, speechSegments } from "nnef-pulse/segmenter";
import { statusLine } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { Slider } from "../../kit/figures/slider.ts";
import { countOf } from "../../kit/figures/text.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import type { Verdict } from "../../kit/page/task.ts";
import { findingsOf } from "../findings.ts";
import { AudioSource, type Sound } from "../model/audio-source.ts";
import { paintCurve, paintSeconds, paintSpans, paintWave, SIDE } from "../timeline/paint.ts";

/** Values of the sliders. `negThreshold` follows the threshold until the reader moves it. */
type Rules = Record<
  "threshold" | "negThreshold" | "minSpeechMs" | "minSilenceMs" | "speechPadMs",
  number
>;

const WAVE = 60;
const LANE = 130;
const ROW = 20;
const LABEL = 20;
const HEIGHT = 4 + WAVE + 8 + LANE + 30 + 2 * (ROW + LABEL + 4);
/** silero's default for the lower threshold. */
const defaultNegThreshold = (threshold: number): number =>
  Math.round(100 * Math.max(threshold - 0.15, 0.01)) / 100;

/** Probabilities of the sound, and sliders for the rules that turn them into spans. */
export const figure: BuildFigure = async (stage, lesson) =>
  new ThresholdFigure(stage, lesson, await AudioSource.of(lesson));

class ThresholdFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #audioSource: AudioSource;
  readonly #sliders: Readonly<Record<keyof Rules, Slider>>;
  readonly #drawing: Drawing;
  readonly #status = statusLine();
  #isNegThresholdDefault = true;
  #spans: readonly Segment[] = [];

  constructor(stage: HTMLElement, lesson: Lesson, audioSource: AudioSource) {
    this.#lesson = lesson;
    this.#audioSource = audioSource;
    const picture = document.createElement("div");
    this.#drawing = new Drawing(
      picture,
      () => HEIGHT,
      "",
      (pen, size) => this.#paint(pen, size),
    );
    const { threshold, minSpeechMs, minSilenceMs, speechPadMs } = audioSource.vad.rules;
    const share = (label: string, value: number, onChange: () => void) =>
      new Slider({
        label,
        min: 0.01,
        max: 0.99,
        step: 0.01,
        value,
        format: (value) => value.toFixed(2),
        onChange,
      });
    const ms = (label: string, value: number, max: number) =>
      new Slider({
        label,
        min: 0,
        max,
        step: 10,
        value,
        format: (value) => `${value} ms`,
        onChange: () => this.#update(),
      });
    this.#sliders = {
      threshold: share("threshold", threshold, () => this.#update()),
      negThreshold: share("negThreshold", defaultNegThreshold(threshold), () => {
        this.#isNegThresholdDefault = false;
        this.#update();
      }),
      minSpeechMs: ms("minSpeechMs", minSpeechMs, 3000),
      minSilenceMs: ms("minSilenceMs", minSilenceMs, 2000),
      speechPadMs: ms("speechPadMs", speechPadMs, 500),
    };
    stage.append(
      picture,
      ...Object.values(this.#sliders).map(({ element }) => element),
      this.#status,
    );
    findingsOf(lesson).spans = (wanted) => this.#verdict(wanted);
    audioSource.subscribe(() => this.#update());
  }

  reset() {
    const { threshold, minSpeechMs, minSilenceMs, speechPadMs } = this.#audioSource.vad.rules;
    this.#isNegThresholdDefault = true;
    for (const [name, value] of Object.entries({
      threshold,
      minSpeechMs,
      minSilenceMs,
      speechPadMs,
    })) {
      this.#sliders[name as keyof Rules].value = value;
    }
    this.#update();
  }

  get #rules(): Rules {
    const values = Object.entries(this.#sliders).map(([name, { value }]) => [name, value]);
    return Object.fromEntries(values) as Rules;
  }

  #update() {
    if (this.#isNegThresholdDefault)
      this.#sliders.negThreshold.value = defaultNegThreshold(this.#rules.threshold);
    const { sound, vad } = this.#audioSource;
    const { sampleRate, frameSamples } = vad;
    this.#spans = speechSegments(sound.probabilities, {
      sampleRate,
      frameSamples,
      length: sound.samples.length,
      ...this.#rules,
    });
    this.#showResult(sound);
    this.#drawing.redraw();
  }

  #showResult({ spoken, name }: Sound) {
    const count = this.#spans.length;
    const from = `figure: speechSegments over ${name}, by the rules set`;
    const parts = [`${countOf(count, "span")} found in ${name}`];
    this.#lesson.showNumber("spans", count, from);
    this.#lesson.showNumber("lower", this.#rules.negThreshold.toFixed(2), "figure: negThreshold");
    if (!spoken) {
      for (const unknown of ["spoken", "missed", "extra"]) {
        this.#lesson.showNumber(unknown, "–", `the spans of speech in ${name} are not known`);
      }
    } else {
      const ms = (samples: number) =>
        Math.round((1000 * samples) / this.#audioSource.vad.sampleRate);
      const missed = ms(outside(spoken, this.#spans));
      const extra = ms(outside(this.#spans, spoken));
      parts.push(`${missed} ms of speech missed`, `${extra} ms of other sound included`);
      this.#lesson.showNumber(
        "spoken",
        spoken.length,
        "spoken.json: made together with the sample",
      );
      this.#lesson.showNumber("missed", missed, `${from}, against spoken.json`);
      this.#lesson.showNumber("extra", extra, `${from}, against spoken.json`);
    }
    this.#status.textContent = `${parts.join(" · ")}.`;
    this.#status.dataset.spans = JSON.stringify(this.#spans.map(({ start, end }) => [start, end]));
    const rate = this.#audioSource.vad.sampleRate;
    const times = this.#spans.map(
      ({ start, end }) => `${(start / rate).toFixed(2)} to ${(end / rate).toFixed(2)} s`,
    );
    this.#drawing.describe(
      `Sound, its probabilities, and ${countOf(count, "span")}: ${times.join(", ")}.`,
    );
  }

  #verdict(wanted: number): Verdict {
    const count = this.#spans.length;
    const { minSilenceMs, minSpeechMs } = this.#rules;
    const ms = (samples: number) =>
      Math.round((1000 * samples) / this.#audioSource.vad.sampleRate).toLocaleString("en");
    const gaps = this.#spans.slice(1).map(({ start }, at) => start - (this.#spans[at]?.end ?? 0));
    if (count === wanted) {
      const why = gaps.length > 0 ? `, ${gaps.map(ms).join(" and ")} ms apart` : "";
      return { right: true, reason: `${count} ${count === 1 ? "span" : "spans"}${why}.` };
    }
    if (count > wanted) {
      return {
        right: false,
        reason: `${count} spans. The nearest two are ${ms(Math.min(...gaps))} ms apart, padding taken off, and a silence of ${minSilenceMs} ms ends one.`,
      };
    }
    return {
      right: false,
      reason:
        count === 0
          ? `None is left: nothing stays at or above ${this.#rules.threshold.toFixed(2)} for longer than ${minSpeechMs} ms.`
          : `Only ${count}: with ${minSilenceMs} ms to wait and ${this.#rules.negThreshold.toFixed(2)} to fall below, too much runs together or is too short.`,
    };
  }

  #paint(pen: Pen, { width }: Size) {
    const { context, palette } = pen;
    const { sound, vad } = this.#audioSource;
    const { threshold, negThreshold } = this.#rules;
    const stretch = { from: 0, to: sound.probabilities.length * vad.frameSamples };
    const wave = { x: SIDE, y: 4, width: width - 2 * SIDE, height: WAVE };
    const lane = { ...wave, y: wave.y + WAVE + 8, height: LANE };
    paintSeconds(pen, { ...wave, height: WAVE + 8 + LANE }, stretch, vad.sampleRate);
    paintSpans(pen, lane, this.#spans, stretch, palette.speech);
    paintWave(pen, wave, sound.samples, stretch, palette.muted);
    paintCurve(
      pen,
      lane,
      {
        values: sound.probabilities,
        frameSamples: vad.frameSamples,
        colour: palette.probability,
      },
      stretch,
    );
    for (const [value, dashed] of [
      [threshold, false],
      [negThreshold, true],
    ] as const) {
      const y = lane.y + lane.height * (1 - value);
      context.strokeStyle = palette.ink;
      context.lineWidth = 1;
      context.setLineDash(dashed ? [5, 3] : []);
      context.beginPath();
      context.moveTo(lane.x, y);
      context.lineTo(lane.x + lane.width, y);
      context.stroke();
      context.setLineDash([]);
    }
    const found = { ...lane, y: lane.y + LANE + 30 + LABEL, height: ROW };
    const truth = { ...found, y: found.y + ROW + 4 + LABEL };
    paintSpans(pen, found, this.#spans, stretch, palette.speech);
    pen.label("found", SIDE, found.y - LABEL / 2, palette.speech);
    if (sound.spoken) {
      paintSpans(pen, truth, sound.spoken, stretch, palette.ink);
      pen.label("spoken", SIDE, truth.y - LABEL / 2, palette.ink);
    }
  }
}

type Stretches = readonly { readonly start: number; readonly end: number }[];

/** Samples of `these` that lie in none of `those`; both in order, without overlap. */
export function outside(these: Stretches, those: Stretches): number {
  const all = these.reduce((sum, { start, end }) => sum + end - start, 0);
  const shared = these.flatMap((one) =>
    those.map((other) =>
      Math.max(0, Math.min(one.end, other.end) - Math.max(one.start, other.start)),
    ),
  );
  return all - shared.reduce((sum, each) => sum + each, 0);
}
