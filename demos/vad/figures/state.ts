import { hairline, hatch, stateCell } from "nnef-pulse/look";
import type { RemoteState } from "tract-wasm/worker";
import { statusLine } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { Slider } from "../../kit/figures/slider.ts";
import { countOf } from "../../kit/figures/text.ts";
import { onlyOutput } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import type { Verdict } from "../../kit/page/task.ts";
import { findingsOf } from "../findings.ts";
import { AudioSource, type Sound } from "../model/audio-source.ts";
import { openConvolutionalLesson } from "../model/convolutional.ts";
import { PulsedModel, type StreamState, stateIn } from "../model/pulsed-model.ts";
import { TimelineCursor } from "../timeline/cursor.ts";
import { paintCurve, paintSeconds, paintWave, placeOf, SIDE } from "../timeline/paint.ts";

/** Probability and state after a pulse. */
interface Step {
  readonly p: number;
  readonly kept: StreamState;
}

const WAVE = 44;
const LANE = 110;
const ROW = 30;
const LABEL = 26;
const HEIGHT = 22 + WAVE + 8 + LANE + 34 + 4 * (LABEL + ROW);
/** Pulses computed after a reset. */
const FOLLOWED = 64;
/** Larger differences count as an effect of the reset. */
const OFF = 0.05;

/** Two streams over the same sound, one of them reset in the middle, with the state of both. */
export const figure: BuildFigure = async (stage, lesson) => {
  const [audioSource, pulsed] = await Promise.all([AudioSource.of(lesson), PulsedModel.of(lesson)]);
  const view = new StateFigure(stage, lesson, audioSource, pulsed, await pulsed.stream());
  await view.begin();
  // The section of that model shows its errors.
  void showOtherModel(lesson).catch(() => undefined);
  return view;
};

class StateFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #audioSource: AudioSource;
  readonly #pulsed: PulsedModel;
  readonly #state: RemoteState;
  readonly #cursor: TimelineCursor;
  readonly #slider: Slider;
  readonly #drawing: Drawing;
  readonly #status = statusLine();
  #withoutReset: readonly Step[] = [];
  #afterReset: readonly Step[] = [];
  #requestId = 0;
  #lastRun: Promise<unknown> = Promise.resolve();

  constructor(
    stage: HTMLElement,
    lesson: Lesson,
    audioSource: AudioSource,
    pulsed: PulsedModel,
    state: RemoteState,
  ) {
    this.#lesson = lesson;
    this.#audioSource = audioSource;
    this.#pulsed = pulsed;
    this.#state = state;
    this.#cursor = new TimelineCursor({
      label: "Selected pulse",
      count: () => this.#pulses,
      describe: (pulse) => this.#describePulse(pulse),
      onChange: () => this.#drawing.redraw(),
    });
    this.#drawing = new Drawing(
      this.#cursor.element,
      () => HEIGHT,
      "",
      (pen, size) => this.#paint(pen, size),
    );
    this.#drawing.canvas.ariaHidden = "true";
    this.#slider = new Slider({
      label: "Reset before pulse",
      min: 1,
      max: 2,
      value: 1,
      onChange: () => void this.#restart(),
    });
    stage.append(this.#cursor.element, this.#slider.element, this.#status);
    findingsOf(lesson).resetEffect = () => this.#verdict();
  }

  /** Runs the stream without a reset over the current sound and over every later one. */
  begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#audioSource.subscribe((sound) => void this.#begin(sound).then(resolve, reject));
    });
  }

  reset() {
    this.#slider.value = resetPulse(this.#audioSource);
    this.#cursor.moveTo(this.#slider.value + 1);
    void this.#restart();
  }

  get #pulses(): number {
    return Math.ceil(this.#audioSource.sound.samples.length / this.#pulsed.pulseSamples);
  }

  async #begin(sound: Sound) {
    const requestId = ++this.#requestId;
    const steps = await this.#run(sound, 0, this.#pulses);
    if (requestId !== this.#requestId) return;
    this.#withoutReset = steps;
    const { delays = [], recurrent = [] } = steps[0]?.kept ?? {};
    const sum = (parts: readonly Float32Array[]) =>
      parts.reduce((total, { length }) => total + length, 0);
    this.#lesson.showNumber("kept.samples", sum(delays), "pulse-T1 · the delay, by trace");
    this.#lesson.showNumber(
      "kept.outputs",
      sum(recurrent),
      "pulse-T1 · the LSTM’s output, by trace",
    );
    this.#slider.max = this.#pulses - 1;
    this.#slider.value = resetPulse(this.#audioSource);
    this.#cursor.moveTo(this.#slider.value + 1);
    await this.#restart();
  }

  /** Runs a stream with an empty state from pulse `from` on. */
  async #run(sound: Sound, from: number, count: number): Promise<Step[]> {
    // All runs share one engine state, so they must not overlap.
    const run = this.#lastRun.then(async () => {
      await this.#state.reset();
      const last = Math.min(this.#pulses, from + count);
      const traces = Array.from({ length: Math.max(0, last - from) }, (_, at) =>
        this.#state.trace(this.#pulsed.pulse(sound.samples, from + at), { timing: false }),
      );
      const steps: Step[] = [];
      for (const trace of traces) {
        const done = await trace;
        const [p = 0] = onlyOutput(done.outputs).data as Float32Array;
        steps.push({ p, kept: stateIn(done) });
      }
      return steps;
    });
    this.#lastRun = run.catch(() => undefined);
    return run;
  }

  async #restart() {
    const requestId = ++this.#requestId;
    const { sound } = this.#audioSource;
    const from = this.#slider.value;
    const steps = await this.#run(sound, from, FOLLOWED);
    if (requestId !== this.#requestId) return;
    this.#afterReset = steps;
    const { pulses, off } = this.#compare(from, steps);
    const most = Math.max(0, ...off);
    const ms = Math.round(pulses * this.#pulsed.pulseMs);
    const where = `figure: reset before pulse ${from} of ${sound.name}`;
    this.#lesson.showNumber("felt.pulses", pulses, where);
    this.#lesson.showNumber("felt.ms", ms, where);
    this.#lesson.showNumber("felt.most", most.toFixed(2), where);
    this.#status.textContent = `After the reset, probabilities are off by more than ${OFF} for ${countOf(pulses, "pulse")}, ${ms} ms, and by ${most.toFixed(2)} at most.`;
    this.#cursor.moveTo(this.#cursor.position);
  }

  #compare(from: number, steps: readonly Step[]) {
    const off = steps.map(({ p }, at) => Math.abs(p - (this.#withoutReset[from + at]?.p ?? p)));
    return { off, pulses: off.findLastIndex((each) => each > OFF) + 1 };
  }

  #verdict(): Verdict {
    const from = this.#slider.value;
    const { pulses, off } = this.#compare(from, this.#afterReset);
    const most = Math.max(0, ...off);
    if (pulses === 0) {
      const reason = `Before pulse ${from}: no probability is off by more than ${most.toFixed(3)}. The state held nothing that mattered.`;
      return { right: true, reason };
    }
    const worst = off.indexOf(most);
    const heard = this.#withoutReset[from - 1]?.p ?? 0;
    const why =
      heard >= 0.5
        ? `The pulse before it was speech, ${heard.toFixed(2)}, and the reset removed it from the state.`
        : `The reset removed the silence before a sound from the state.`;
    return {
      right: false,
      reason: `Reset before pulse ${from}, the probability ${countOf(worst, "pulse")} later is off by ${most.toFixed(2)}. ${why}`,
    };
  }

  #describePulse(pulse: number): string {
    const plain = this.#withoutReset[pulse]?.p ?? 0;
    const after = this.#afterReset[pulse - this.#slider.value]?.p;
    const other = after === undefined ? "" : `, after the reset ${after.toFixed(3)}`;
    return `pulse ${pulse}, probability ${plain.toFixed(3)}${other}`;
  }

  #paint(pen: Pen, { width }: Size) {
    const { context, palette } = pen;
    const { sound, vad } = this.#audioSource;
    const { pulseSamples } = this.#pulsed;
    const from = this.#slider.value;
    const pulse = this.#cursor.position;
    const stretch = { from: 0, to: this.#pulses * pulseSamples };
    const wave = { x: SIDE, y: 22, width: width - 2 * SIDE, height: WAVE };
    const lane = { ...wave, y: wave.y + WAVE + 8, height: LANE };
    paintSeconds(pen, { ...wave, height: WAVE + 8 + LANE }, stretch, vad.sampleRate);
    paintWave(pen, wave, sound.samples, stretch, palette.muted);
    const curve = (steps: readonly Step[], first: number, colour: string, dashed: boolean) =>
      paintCurve(
        pen,
        lane,
        {
          values: steps.map(({ p }) => p),
          frameSamples: pulseSamples,
          from: first * pulseSamples,
          colour,
          dashed,
        },
        stretch,
      );
    curve(this.#withoutReset, 0, palette.probability, false);
    curve(this.#afterReset, from, palette.fault, true);
    const cut = placeOf(lane, stretch, from * pulseSamples);
    context.fillStyle = palette.fault;
    context.fillRect(cut - 1, wave.y, 2, lane.y + LANE - wave.y);
    const late = cut > width / 2;
    pen.label("reset", late ? cut - 6 : cut + 6, 10, palette.fault, late ? "right" : "left");
    const x = placeOf(lane, stretch, (pulse + 0.5) * pulseSamples);
    hairline(context, x, wave.y, lane.y + LANE, palette.ink);
    const top = lane.y + LANE + 34;
    this.#paintKept(pen, width, top, "without reset", this.#withoutReset[pulse]);
    const after = this.#afterReset[pulse - from];
    this.#paintKept(
      pen,
      width,
      top + 2 * (LABEL + ROW),
      "after the reset",
      after,
      pulse < from ? "not yet reset" : "not computed",
    );
  }

  /** Paints the state of a stream: a cell for each kept sample and output. */
  #paintKept(pen: Pen, width: number, y: number, name: string, step: Step | undefined, none = "") {
    const { context, palette } = pen;
    const fill = hatch(context, palette.state);
    const answer = step ? `probability ${step.p.toFixed(3)}` : none;
    pen.label(name, SIDE, y + 12, palette.ink);
    pen.label(answer, width - SIDE, y + 12, step ? palette.probability : palette.muted, "right");
    const { delays = [], recurrent = [] } = step?.kept ?? this.#withoutReset[0]?.kept ?? {};
    [...delays, ...recurrent].forEach((values, at) => {
      const top = y + LABEL + at * (ROW + 8);
      const wide = (width - 2 * SIDE) / values.length;
      const most = Math.max(1e-6, ...values.map(Math.abs));
      const isSound = at < delays.length;
      for (let edge = 0; edge <= values.length; edge++) {
        if (wide > 5) hairline(context, SIDE + edge * wide - 1, top, top + ROW, palette.hairline);
      }
      if (!step) return;
      values.forEach((value, index) => {
        const box = { x: SIDE + index * wide, y: top, width: Math.max(1, wide - 1), height: ROW };
        stateCell(context, box, isSound ? value / most : value, palette.state, fill);
      });
    });
  }
}

/** The middle of the longest speech, where a reset has an effect. */
function resetPulse({ sound }: AudioSource): number {
  let best = { from: 1, length: 0 };
  let from = 0;
  for (let at = 0; at <= sound.probabilities.length; at++) {
    if ((sound.probabilities[at] ?? 0) >= 0.5) continue;
    if (at - from > best.length) best = { from, length: at - from };
    from = at + 1;
  }
  return Math.max(1, best.from + Math.floor(best.length / 2));
}

/** Fills the numbers about the state of the model without a recurrent layer. */
async function showOtherModel(lesson: Lesson) {
  const other = await openConvolutionalLesson(lesson);
  const pulsed = await PulsedModel.of(other);
  const state = await pulsed.stream();
  try {
    const trace = await state.trace(pulsed.pulse(new Float32Array(), 0), { timing: false });
    const { delays } = stateIn(trace);
    const values = delays.reduce((sum, { length }) => sum + length, 0);
    const where = `${other.reading.manifest.id} · its delays, by trace`;
    lesson.showNumber("other.delays", delays.length, where);
    lesson.showNumber("other.values", values, where);
  } finally {
    state.dispose();
  }
}
