import { statusLine } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { Slider } from "../../kit/figures/slider.ts";
import { countOf } from "../../kit/figures/text.ts";
import { type BuildFigure, type Figure, Lesson } from "../../kit/page/lesson.ts";
import type { Verdict } from "../../kit/page/task.ts";
import { findingsOf } from "../findings.ts";
import { AudioSource, type Sound } from "../model/audio-source.ts";
import { PulsedModel } from "../model/pulsed-model.ts";
import {
  paintCurve,
  paintSeconds,
  paintSpans,
  paintWave,
  placeOf,
  SIDE,
} from "../timeline/paint.ts";

const WAVE = 48;
const LANE = 92;
const SHARE = 92;
const HEIGHT = WAVE + 2 * (LANE + 34) + SHARE + 76;
/** Probability above which a frame counts as speech. */
const HALF = 0.5;

/** Two models over the same sound. The reader moves the curve of the one with a delay. */
export const figure: BuildFigure = async (stage, lesson) => {
  const own = await Lesson.open(document.body.dataset.bundle ?? "");
  const [audioSource, other] = await Promise.all([AudioSource.of(own), PulsedModel.of(lesson)]);
  const view = new ModelsFigure(stage, lesson, audioSource, other);
  await view.begin();
  return view;
};

class ModelsFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #audioSource: AudioSource;
  readonly #other: PulsedModel;
  readonly #slider: Slider;
  readonly #drawing: Drawing;
  readonly #status = statusLine();
  /** Output of the model with a delay, and its agreement with the other for each shift. */
  #frames: Float32Array = new Float32Array();
  #agreement: readonly number[] = [];
  #requestId = 0;

  constructor(stage: HTMLElement, lesson: Lesson, audioSource: AudioSource, other: PulsedModel) {
    this.#lesson = lesson;
    this.#audioSource = audioSource;
    this.#other = other;
    const picture = document.createElement("div");
    this.#slider = new Slider({
      label: "Take off",
      min: 0,
      max: Math.max(10, 2 * other.delay),
      value: 0,
      format: (value) => countOf(value, "frame"),
      onChange: () => this.#showShift(),
    });
    stage.append(picture, this.#slider.element, this.#status);
    this.#drawing = new Drawing(
      picture,
      () => HEIGHT,
      "",
      (pen, size) => this.#paint(pen, size),
    );
    findingsOf(lesson).shift = () => this.#verdict();
  }

  /** Runs the other model over the current sound and over every later one. */
  begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#audioSource.subscribe((sound) => void this.#run(sound).then(resolve, reject));
    });
  }

  reset() {
    this.#slider.value = 0;
    this.#showShift();
  }

  async #run(sound: Sound) {
    const requestId = ++this.#requestId;
    const frames = await this.#other.frames(sound.samples);
    if (requestId !== this.#requestId) return;
    this.#frames = frames;
    const shifts = Array.from({ length: Math.max(10, 2 * this.#other.delay) + 1 }, (_, at) => at);
    this.#agreement = shifts.map((shift) => this.#agreementAt(shift));
    const from = `computed here: both models over ${sound.name}`;
    this.#lesson.showNumber("agree.raw", percent(this.#agreement[0]), from);
    this.#lesson.showNumber("agree.corrected", percent(this.#agreement[this.#other.delay]), from);
    this.#lesson.showNumber("delay.ms", this.#ms(this.#other.delay), "manifest.json · computed");
    this.#lesson.showNumber("other.frame", this.#ms(1), "manifest.json · computed");
    this.#showShift();
  }

  /** Share of frames in which both models are on the same side of 0.5, after a shift. */
  #agreementAt(shift: number): number {
    const { sound, vad } = this.#audioSource;
    const { frameSamples } = this.#other;
    const count = Math.floor(sound.samples.length / frameSamples);
    let same = 0;
    let compared = 0;
    for (let frame = 0; frame < count && frame + shift < this.#frames.length; frame++) {
      const middle = (frame + 0.5) * frameSamples;
      const one = sound.probabilities[Math.floor(middle / vad.frameSamples)] ?? 0;
      compared += 1;
      if (one >= HALF === (this.#frames[frame + shift] ?? 0) >= HALF) same += 1;
    }
    return same / Math.max(1, compared);
  }

  #ms = (frames: number): number =>
    Math.round((1000 * frames * this.#other.frameSamples) / this.#other.sampleRate);

  #showShift() {
    const shift = this.#slider.value;
    const share = percent(this.#agreement[shift]);
    this.#status.textContent = `With ${countOf(shift, "frame")}, ${this.#ms(shift)} ms, taken off, both models are on the same side of ${HALF} for ${share} of the time.`;
    this.#drawing.describe(`Probabilities of two models over time. ${this.#status.textContent}`);
    this.#drawing.redraw();
  }

  #verdict(): Verdict {
    const shift = this.#slider.value;
    const { delay } = this.#other;
    const share = percent(this.#agreement[shift]);
    if (shift === delay) {
      return {
        right: true,
        reason: `${countOf(delay, "frame")}, ${this.#ms(delay)} ms. The archive calls this number pulse.delay. Both models agree for ${share} of the time.`,
      };
    }
    const side = shift < delay ? "late" : "early";
    return {
      right: false,
      reason: `Every probability is still ${this.#ms(Math.abs(delay - shift))} ms too ${side}: the stream began with ${countOf(delay, "frame")} of padding, and you took ${shift} off. Both models agree for ${share} of the time.`,
    };
  }

  #paint(pen: Pen, { width }: Size) {
    const { palette } = pen;
    const { sound, vad } = this.#audioSource;
    const { frameSamples, delay } = this.#other;
    const shift = this.#slider.value;
    const stretch = { from: 0, to: sound.probabilities.length * vad.frameSamples };
    const wave = { x: SIDE, y: 4, width: width - 2 * SIDE, height: WAVE };
    const one = { ...wave, y: wave.y + WAVE + 26, height: LANE };
    const two = { ...one, y: one.y + LANE + 34 };
    paintSeconds(pen, { ...wave, height: two.y + LANE - wave.y }, stretch, vad.sampleRate);
    paintWave(pen, wave, sound.samples, stretch, palette.muted);
    pen.label(vad.manifest.id, SIDE, one.y - 13, palette.ink);
    pen.label(`delay ${vad.delayFrames}`, width - SIDE, one.y - 13, palette.muted, "right");
    paintCurve(
      pen,
      one,
      { values: sound.probabilities, frameSamples: vad.frameSamples, colour: palette.probability },
      stretch,
    );
    pen.label(this.#lesson.reading.manifest.id, SIDE, two.y - 13, palette.ink);
    pen.label(`delay ${delay}, ${shift} off`, width - SIDE, two.y - 13, palette.delay, "right");
    const waiting = [{ start: -shift * frameSamples, end: (delay - shift) * frameSamples }];
    if (shift < delay) paintSpans(pen, two, waiting, stretch, palette.delay, false);
    paintCurve(
      pen,
      two,
      {
        values: this.#frames,
        frameSamples,
        from: -shift * frameSamples,
        colour: palette.probability,
        dashed: true,
      },
      stretch,
    );
    this.#paintShares(pen, { ...two, y: two.y + LANE + 52, height: SHARE });
  }

  /** Paints the agreement for each shift. */
  #paintShares(pen: Pen, lane: { x: number; y: number; width: number; height: number }) {
    const { context, palette } = pen;
    const shift = this.#slider.value;
    const last = Math.max(1, this.#agreement.length - 1);
    const stretch = { from: 0, to: last };
    const least = Math.min(...this.#agreement);
    const most = Math.max(...this.#agreement);
    const y = (share: number) =>
      lane.y + lane.height * (1 - (share - least) / Math.max(1e-6, most - least));
    pen.label("agreement, by frames taken off", lane.x, lane.y - 12, palette.ink);
    context.strokeStyle = palette.ink;
    context.lineWidth = 1.5;
    context.beginPath();
    for (const [at, share] of this.#agreement.entries()) {
      context.lineTo(placeOf(lane, stretch, at), y(share));
    }
    context.stroke();
    const x = placeOf(lane, stretch, shift);
    context.fillStyle = palette.delay;
    context.fillRect(x - 1, lane.y, 2, lane.height);
    const share = this.#agreement[shift] ?? 0;
    const right = x > lane.x + lane.width - 70;
    pen.label(
      percent(share),
      right ? x - 8 : x + 8,
      lane.y + lane.height - 8,
      palette.delay,
      right ? "right" : "left",
    );
  }
}

const percent = (share = 0): string => `${(100 * share).toFixed(1)} %`;
