import { hairline, hatch, stateCell } from "nnef-pulse/look";
import type { RemoteState } from "tract-wasm/worker";
import { status } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import { Slider } from "../../kit/figures/slider.ts";
import { only } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import type { Verdict } from "../../kit/page/task.ts";
import { knownOf } from "../findings.ts";
import { Ear, type Sound } from "../model/audio-source.ts";
import { otherLesson } from "../model/convolutional.ts";
import { type Kept, keptIn, Pulsed } from "../model/pulsed-model.ts";
import { Hold } from "../timeline/cursor.ts";
import { paintCurve, paintSeconds, paintWave, placeOf, SIDE } from "../timeline/paint.ts";

/** What a stream answered to a pulse, and what it then kept. */
interface Step {
  readonly p: number;
  readonly kept: Kept;
}

const WAVE = 44;
const LANE = 110;
const ROW = 30;
const LABEL = 26;
const HEIGHT = 22 + WAVE + 8 + LANE + 34 + 4 * (LABEL + ROW);
/** Pulses a reset is followed for. */
const FOLLOWED = 64;
/** From here on an answer is another one. */
const OFF = 0.05;

/** Two streams over the same sound, one of them reset in the middle; what both keep. */
export const figure: BuildFigure = async (stage, lesson) => {
  const [ear, pulsed] = await Promise.all([Ear.of(lesson), Pulsed.of(lesson)]);
  const view = new Memories(stage, lesson, ear, pulsed, await pulsed.stream());
  await view.begin();
  // Its own section says what keeps it from coming.
  void tellOther(lesson).catch(() => undefined);
  return view;
};

class Memories implements Figure {
  readonly #lesson: Lesson;
  readonly #ear: Ear;
  readonly #pulsed: Pulsed;
  readonly #state: RemoteState;
  readonly #hold: Hold;
  readonly #slider: Slider;
  readonly #drawing: Drawing;
  readonly #said = status();
  #untouched: readonly Step[] = [];
  #reset: readonly Step[] = [];
  #turn = 0;
  #busy: Promise<unknown> = Promise.resolve();

  constructor(stage: HTMLElement, lesson: Lesson, ear: Ear, pulsed: Pulsed, state: RemoteState) {
    this.#lesson = lesson;
    this.#ear = ear;
    this.#pulsed = pulsed;
    this.#state = state;
    this.#hold = new Hold({
      label: "Pulse looked at",
      count: () => this.#pulses,
      told: (pulse) => this.#words(pulse),
      moved: () => this.#drawing.redraw(),
    });
    this.#drawing = new Drawing(
      this.#hold.element,
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
      moved: () => void this.#restart(),
    });
    stage.append(this.#hold.element, this.#slider.element, this.#said);
    knownOf(lesson).felt = () => this.#verdict();
  }

  /** Runs the untouched stream over the sound, and over every later one. */
  begin(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ear.follow((sound) => void this.#begin(sound).then(resolve, reject));
    });
  }

  reset() {
    this.#slider.value = resetPulse(this.#ear);
    this.#hold.to(this.#slider.value + 1);
    void this.#restart();
  }

  get #pulses(): number {
    return Math.ceil(this.#ear.sound.samples.length / this.#pulsed.pulseSamples);
  }

  async #begin(sound: Sound) {
    const turn = ++this.#turn;
    const steps = await this.#run(sound, 0, this.#pulses);
    if (turn !== this.#turn) return;
    this.#untouched = steps;
    const { delays = [], recurrent = [] } = steps[0]?.kept ?? {};
    const sum = (parts: readonly Float32Array[]) =>
      parts.reduce((total, { length }) => total + length, 0);
    this.#lesson.say("kept.samples", sum(delays), "pulse-T1 · the delay, by trace");
    this.#lesson.say("kept.outputs", sum(recurrent), "pulse-T1 · the LSTM’s output, by trace");
    this.#slider.max = this.#pulses - 1;
    this.#slider.value = resetPulse(this.#ear);
    this.#hold.to(this.#slider.value + 1);
    await this.#restart();
  }

  /** Steps of a stream that begins, knowing nothing, with pulse `from`. */
  async #run(sound: Sound, from: number, count: number): Promise<Step[]> {
    // One state serves all: runs must not mix.
    const mine = this.#busy.then(async () => {
      await this.#state.reset();
      const last = Math.min(this.#pulses, from + count);
      const traces = Array.from({ length: Math.max(0, last - from) }, (_, at) =>
        this.#state.trace(this.#pulsed.pulse(sound.samples, from + at), { timing: false }),
      );
      const steps: Step[] = [];
      for (const trace of traces) {
        const done = await trace;
        const [p = 0] = only(done.outputs).data as Float32Array;
        steps.push({ p, kept: keptIn(done) });
      }
      return steps;
    });
    this.#busy = mine.catch(() => undefined);
    return mine;
  }

  async #restart() {
    const turn = ++this.#turn;
    const { sound } = this.#ear;
    const from = this.#slider.value;
    const steps = await this.#run(sound, from, FOLLOWED);
    if (turn !== this.#turn) return;
    this.#reset = steps;
    const { pulses, off } = this.#compare(from, steps);
    const most = Math.max(0, ...off);
    const ms = Math.round(pulses * this.#pulsed.pulseMs);
    const where = `figure: reset before pulse ${from} of ${sound.name}`;
    this.#lesson.say("felt.pulses", pulses, where);
    this.#lesson.say("felt.ms", ms, where);
    this.#lesson.say("felt.most", most.toFixed(2), where);
    this.#said.textContent = `The reset is felt for ${pulses} pulses, ${ms} ms: answers are off by up to ${most.toFixed(2)}, and by more than ${OFF} until then.`;
    this.#hold.to(this.#hold.place);
  }

  #compare(from: number, steps: readonly Step[]) {
    const off = steps.map(({ p }, at) => Math.abs(p - (this.#untouched[from + at]?.p ?? p)));
    return { off, pulses: off.findLastIndex((each) => each > OFF) + 1 };
  }

  #verdict(): Verdict {
    const from = this.#slider.value;
    const { pulses, off } = this.#compare(from, this.#reset);
    const most = Math.max(0, ...off);
    if (pulses === 0) {
      const reason = `Before pulse ${from}: no answer is off by more than ${most.toFixed(3)}. There was nothing in the state that mattered.`;
      return { right: true, reason };
    }
    const worst = off.indexOf(most);
    const heard = this.#untouched[from - 1]?.p ?? 0;
    const why =
      heard >= 0.5
        ? `The pulse before it was speech, ${heard.toFixed(2)}, and that was forgotten.`
        : `What was forgotten there was the silence before a sound.`;
    return {
      right: false,
      reason: `Before pulse ${from}, the answer ${worst} pulses later is off by ${most.toFixed(2)}. ${why}`,
    };
  }

  #words(pulse: number): string {
    const plain = this.#untouched[pulse]?.p ?? 0;
    const after = this.#reset[pulse - this.#slider.value]?.p;
    const other = after === undefined ? "" : `, after the reset ${after.toFixed(3)}`;
    return `pulse ${pulse}, answer ${plain.toFixed(3)}${other}`;
  }

  #paint(pen: Pen, { width }: Size) {
    const { context, palette } = pen;
    const { sound, vad } = this.#ear;
    const { pulseSamples } = this.#pulsed;
    const from = this.#slider.value;
    const pulse = this.#hold.place;
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
    curve(this.#untouched, 0, palette.probability, false);
    curve(this.#reset, from, palette.fault, true);
    const cut = placeOf(lane, stretch, from * pulseSamples);
    context.fillStyle = palette.fault;
    context.fillRect(cut - 1, wave.y, 2, lane.y + LANE - wave.y);
    const late = cut > width / 2;
    pen.label("reset", late ? cut - 6 : cut + 6, 10, palette.fault, late ? "right" : "left");
    const x = placeOf(lane, stretch, (pulse + 0.5) * pulseSamples);
    hairline(context, x, wave.y, lane.y + LANE, palette.ink);
    const top = lane.y + LANE + 34;
    this.#paintKept(pen, width, top, "untouched", this.#untouched[pulse]);
    const after = this.#reset[pulse - from];
    this.#paintKept(
      pen,
      width,
      top + 2 * (LABEL + ROW),
      "after the reset",
      after,
      pulse < from ? "not yet reset" : "past the pulses followed",
    );
  }

  /** The samples and the outputs a stream keeps, one violet cell each. */
  #paintKept(pen: Pen, width: number, y: number, name: string, step: Step | undefined, none = "") {
    const { context, palette } = pen;
    const fill = hatch(context, palette.state);
    const answer = step ? `answer ${step.p.toFixed(3)}` : none;
    pen.label(name, SIDE, y + 12, palette.ink);
    pen.label(answer, width - SIDE, y + 12, step ? palette.probability : palette.muted, "right");
    const { delays = [], recurrent = [] } = step?.kept ?? this.#untouched[0]?.kept ?? {};
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

/** The middle of the longest run of certain frames: where a reset is felt. */
function resetPulse({ sound }: Ear): number {
  let best = { from: 1, length: 0 };
  let from = 0;
  for (let at = 0; at <= sound.probabilities.length; at++) {
    if ((sound.probabilities[at] ?? 0) >= 0.5) continue;
    if (at - from > best.length) best = { from, length: at - from };
    from = at + 1;
  }
  return Math.max(1, best.from + Math.floor(best.length / 2));
}

/** What the other model keeps, which has no recurrence at all. */
async function tellOther(lesson: Lesson) {
  const other = await otherLesson(lesson);
  const pulsed = await Pulsed.of(other);
  const state = await pulsed.stream();
  try {
    const trace = await state.trace(pulsed.pulse(new Float32Array(), 0), { timing: false });
    const { delays } = keptIn(trace);
    const values = delays.reduce((sum, { length }) => sum + length, 0);
    const where = `${other.reading.manifest.id} · its delays, by trace`;
    lesson.say("other.delays", delays.length, where);
    lesson.say("other.values", values, where);
  } finally {
    state.dispose();
  }
}
