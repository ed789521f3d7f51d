import { bracket, cell, ghost, hairline, hatch } from "nnef-pulse/look";
import { button, controls, statusLine } from "../../kit/figures/controls.ts";
import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { AudioSource } from "../model/audio-source.ts";
import { type PulseLayout, readPulseLayout } from "../model/pulse-layout.ts";
import { TimelineCursor } from "../timeline/cursor.ts";
import { type Lane, loudestOf, paintSeconds, paintWave, placeOf, SIDE } from "../timeline/paint.ts";

const WAVE = 72;
const CELLS = 84;
const FRAME_HEIGHT = 110;
const HEIGHT = 446;

/** The whole sound, and the selected frame as the network reads it. */
export const figure: BuildFigure = async (stage, lesson) => {
  const [audioSource, layout] = await Promise.all([
    AudioSource.of(lesson),
    readPulseLayout(lesson),
  ]);
  return new FrameFigure(stage, lesson, audioSource, layout);
};

class FrameFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #audioSource: AudioSource;
  readonly #layout: PulseLayout;
  readonly #cursor: TimelineCursor;
  readonly #drawing: Drawing;
  readonly #status = statusLine();

  constructor(stage: HTMLElement, lesson: Lesson, audioSource: AudioSource, layout: PulseLayout) {
    this.#lesson = lesson;
    this.#audioSource = audioSource;
    this.#layout = layout;
    for (const [name, value] of Object.entries(layout)) {
      lesson.showNumber(`cut.${name}`, value, "pulse-T1 · read from graph.nnef");
    }
    lesson.showNumber(
      "pulse.ms",
      this.#ms(audioSource.vad.pulseSamples),
      "manifest.json · computed from audio",
    );
    this.#cursor = new TimelineCursor({
      label: "Selected frame",
      count: () => audioSource.sound.probabilities.length,
      describe: (frame) => this.#describeFrame(frame),
      onChange: () => this.#showFrame(),
    });
    this.#drawing = new Drawing(
      this.#cursor.element,
      () => HEIGHT,
      "",
      (pen, size) => this.#paint(pen, size),
    );
    this.#drawing.canvas.ariaHidden = "true";
    stage.append(
      controls(
        ...fileButtons(
          (file) => this.#switchSound(() => audioSource.useFile(file)),
          () => this.#switchSound(() => audioSource.useSample()),
        ),
      ),
      this.#cursor.element,
      this.#status,
    );
    audioSource.subscribe((sound) => {
      this.#status.textContent = `${sound.probabilities.length} frames of ${sound.name}, computed here.`;
      this.#cursor.moveTo(loudestFrame(sound.samples, audioSource.vad.frameSamples));
    });
  }

  reset() {
    void this.#switchSound(() => this.#audioSource.useSample());
    this.#cursor.moveTo(
      loudestFrame(this.#audioSource.sound.samples, this.#audioSource.vad.frameSamples),
    );
  }

  /** Switches the sound. On an error the current sound stays and the error is shown. */
  async #switchSound(to: () => Promise<void>) {
    try {
      this.#status.textContent = "Running the model.";
      await to();
      delete this.#status.dataset.right;
    } catch (error) {
      this.#status.textContent = error instanceof Error ? error.message : String(error);
      this.#status.dataset.right = "false";
    }
  }

  #ms = (samples: number): number =>
    Math.round((1000 * samples) / this.#audioSource.vad.sampleRate);

  #at(frame: number) {
    const { frameSamples, sampleRate } = this.#audioSource.vad;
    const from = frame * frameSamples;
    const p = this.#audioSource.sound.probabilities[frame] ?? 0;
    return { from, to: from + frameSamples, first: from - this.#layout.context, sampleRate, p };
  }

  #describeFrame(frame: number): string {
    const { from, to, p, sampleRate } = this.#at(frame);
    return `frame ${frame}, samples ${from} to ${to - 1}, at ${(from / sampleRate).toFixed(2)} s, probability ${p.toFixed(4)}`;
  }

  #showFrame() {
    const frame = this.#cursor.position;
    const { from, to, first, p } = this.#at(frame);
    const where = `figure: frame ${frame} of ${this.#audioSource.sound.name}`;
    this.#lesson.showNumber("selected", frame, where);
    this.#lesson.showNumber("selected.from", from, where);
    this.#lesson.showNumber("selected.to", to - 1, where);
    this.#lesson.showNumber("selected.first", Math.max(0, first), where);
    this.#lesson.showNumber("selected.p", p.toFixed(4), `${where}, as the engine answered`);
    this.#drawing.redraw();
  }

  #paint(pen: Pen, { width }: Size) {
    const { context, palette } = pen;
    const { samples, probabilities } = this.#audioSource.sound;
    const { frameSamples, sampleRate } = this.#audioSource.vad;
    const frame = this.#cursor.position;
    const wave = { x: SIDE, y: 22, width: width - 2 * SIDE, height: WAVE };
    const lane = { ...wave, y: wave.y + WAVE + 8, height: CELLS };
    const stretch = { from: 0, to: probabilities.length * frameSamples };
    const both = { ...wave, height: lane.y + lane.height - wave.y };
    paintSeconds(pen, both, stretch, sampleRate);
    paintWave(pen, wave, samples, stretch, palette.muted);
    const wide = lane.width / probabilities.length;
    for (const [at, p] of probabilities.entries()) {
      const height = Math.max(1, p * lane.height);
      const box = { x: lane.x + at * wide, y: lane.y + lane.height - height, width: wide, height };
      cell(context, box, palette.probability);
    }
    pen.label(this.#audioSource.sound.name, SIDE, 10, palette.ink);
    const x = lane.x + (frame + 0.5) * wide;
    context.fillStyle = palette.ink;
    context.fillRect(x - Math.max(1, wide / 2), wave.y, Math.max(2, wide), 3);
    hairline(context, x, wave.y, lane.y + lane.height, palette.ink);
    const { p } = this.#at(frame);
    pen.label(`frame ${frame}: ${p.toFixed(4)}`, width - SIDE, 10, palette.probability, "right");
    this.#paintFrame(pen, { ...wave, y: lane.y + lane.height + 66, height: FRAME_HEIGHT });
  }

  /** Paints the selected frame: kept, new and mirrored samples, and the windows over them. */
  #paintFrame(pen: Pen, lane: Lane) {
    const { context, palette } = pen;
    const { context: kept, fresh, mirrored, window, stride, windows } = this.#layout;
    const { samples } = this.#audioSource.sound;
    const { from } = this.#at(this.#cursor.position);
    const stretch = { from: from - kept, to: from + fresh + mirrored };
    const end = from + fresh;
    const [begin, mirror] = [placeOf(lane, stretch, from), placeOf(lane, stretch, end)];
    const loudest = loudestOf(samples, { from: from - kept, to: end });
    context.globalAlpha = 0.35;
    context.fillStyle = hatch(context, palette.state);
    context.fillRect(lane.x, lane.y, begin - lane.x, lane.height);
    context.globalAlpha = 1;
    const part = (to: number, x: number, width: number, first: number, colour: string) =>
      paintWave(
        pen,
        { ...lane, x, width },
        samples,
        { from: Math.max(0, first), to },
        colour,
        loudest,
      );
    if (from > 0) part(from, lane.x, begin - lane.x, from - kept, palette.state);
    part(end, begin, mirror - begin, from, palette.probability);
    const back = Float32Array.from({ length: mirrored }, (_, at) => samples[end - 2 - at] ?? 0);
    const rest = { ...lane, x: mirror, width: lane.x + lane.width - mirror };
    paintWave(pen, rest, back, { from: 0, to: mirrored }, palette.muted, loudest);
    ghost(context, rest, palette.muted);
    hairline(context, begin, lane.y, lane.y + lane.height, palette.ink);
    hairline(context, mirror, lane.y, lane.y + lane.height, palette.ink);
    pen.label(`${kept} kept`, lane.x, lane.y - 12, palette.state);
    pen.label(`${fresh} new`, (begin + mirror) / 2, lane.y - 12, palette.probability, "center");
    pen.label(`${mirrored} mirrored`, lane.x + lane.width, lane.y - 12, palette.muted, "right");
    for (let at = 0; at < windows; at++) {
      const left = placeOf(lane, stretch, stretch.from + at * stride);
      const right = placeOf(lane, stretch, stretch.from + at * stride + window);
      const y = lane.y + lane.height + 6 + (at % 2) * 10;
      bracket(context, { x: left + 1, y, width: right - left - 2, height: 6 }, palette.ink);
    }
    const words = `${windows} windows of ${window}, ${stride} apart`;
    pen.label(words, lane.x, lane.y + lane.height + 38, palette.muted);
  }
}

function fileButtons(open: (file: File) => void, back: () => void): Element[] {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "audio/*,video/*,.wav,.mp3,.ogg,.opus,.flac,.m4a,.webm";
  input.hidden = true;
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file) open(file);
    input.value = "";
  });
  return [button("The sample", back), button("Open a file", () => input.click()), input];
}

/** The frame with the loudest sample: something to look at. */
function loudestFrame(samples: Float32Array, frameSamples: number): number {
  let loudest = 0;
  for (let at = 0; at < samples.length; at++) {
    if (Math.abs(samples[at] ?? 0) > Math.abs(samples[loudest] ?? 0)) loudest = at;
  }
  return Math.floor(loudest / frameSamples);
}
