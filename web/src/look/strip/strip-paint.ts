import { band, bracket, cell, gap, ghost, hairline, tag, tornEdge } from "../drawing/marks.js";
import type { Palette } from "../drawing/palette.js";
import type { StreamRecord } from "./stream-record.js";
import { lanes, nowShare, type Placed, tagHeight, type View } from "./strip-lanes.js";

/** Paints the whole strip once. */
export function paintStrip(
  context: CanvasRenderingContext2D,
  view: View,
  placed: readonly Placed[],
  palette: Palette,
) {
  context.clearRect(0, 0, view.width, view.height);
  const painter = new StripPainter(context, view, palette);
  painter.ruling(placed.at(-1));
  placed.forEach((each, index) => {
    painter.record(each, index === placed.length - 1);
    if (index > 0) painter.seam(each.origin);
  });
  painter.names();
  painter.now(placed.at(-1));
  for (const each of placed) painter.labels(each);
}

class StripPainter {
  readonly #context: CanvasRenderingContext2D;
  readonly #view: View;
  readonly #palette: Palette;
  readonly #lanes: ReturnType<typeof lanes>;
  readonly #scale: number;

  constructor(context: CanvasRenderingContext2D, view: View, palette: Palette) {
    this.#context = context;
    this.#view = view;
    this.#palette = palette;
    this.#lanes = lanes(view.height);
    this.#scale = view.width / view.seconds;
  }

  #x(seconds: number): number {
    return this.#view.width * nowShare + (seconds - this.#view.now) * this.#scale;
  }

  /** Hairlines at pulse edges, at every 2ⁿth where they would be too dense, and the lanes' base lines. */
  ruling(last: Placed | undefined) {
    if (!last) return;
    const { sound, probability } = this.#lanes;
    const { format } = last.record;
    let pulses = 1;
    const pulse = format.pulseSamples / format.sampleRate;
    while (pulses * pulse * this.#scale < 4) pulses *= 2;
    const step = pulses * pulse;
    const right = this.#view.now + this.#view.seconds * (1 - nowShare);
    const first = Math.ceil((right - this.#view.seconds - last.origin) / step);
    this.#context.globalAlpha = 0.45;
    for (let index = first; last.origin + index * step <= right; index++) {
      const x = this.#x(last.origin + index * step);
      hairline(this.#context, x, sound.top, sound.bottom, this.#palette.hairline);
      hairline(this.#context, x, probability.top, probability.bottom, this.#palette.hairline);
    }
    this.#context.globalAlpha = 1;
    this.#context.fillStyle = this.#palette.hairline;
    this.#context.fillRect(0, probability.bottom, this.#view.width, 1);
    this.#context.fillRect(0, probability.top, this.#view.width, 1);
    this.#context.fillRect(0, sound.middle, this.#view.width, 1);
  }

  /** The lanes' names, in the empty part right of *now*. */
  names() {
    if (this.#view.height < 200) return;
    const room = this.#view.width * (1 - nowShare);
    const context = this.#context;
    context.font = `400 14px ${this.#palette.sans}`;
    if (context.measureText("probability").width + 24 > room) return;
    context.fillStyle = this.#palette.muted;
    context.textAlign = "right";
    context.textBaseline = "middle";
    const x = this.#view.width - 16;
    context.fillText("sound", x, this.#lanes.sound.middle - 14);
    context.fillText("probability", x, this.#lanes.probability.top + 14);
  }

  record({ record, origin }: Placed, newest: boolean) {
    const left = this.#view.now - this.#view.seconds * nowShare;
    const right = this.#view.now + this.#view.seconds * (1 - nowShare);
    if (origin > right || origin + record.seconds < left) return;
    const at = (samples: number) => this.#x(origin + samples / record.format.sampleRate);
    this.#context.save();
    if (this.#view.live) {
      // Hides sound right of the now line, which the view has not reached yet.
      this.#context.beginPath();
      this.#context.rect(0, 0, this.#x(this.#view.now), this.#view.height);
      this.#context.clip();
    }
    this.#bands(record, at);
    this.#sound(record, at);
    this.#frames(record, at);
    this.#seconds(record, origin, newest);
    this.#breaks(record, at);
    this.#context.restore();
  }

  /** The boundary between two streams. */
  seam(origin: number) {
    const { sound, probability } = this.#lanes;
    hairline(this.#context, this.#x(origin), sound.top, probability.bottom, this.#palette.muted);
  }

  #bandBox(
    record: StreamRecord,
    at: (samples: number) => number,
    start: number,
    end: number | undefined,
  ) {
    const { sound, probability } = this.#lanes;
    const from = at(start);
    const to = at(end ?? record.length);
    return {
      x: from,
      y: sound.top,
      width: Math.max(2, to - from),
      height: probability.bottom - sound.top,
    };
  }

  #bands(record: StreamRecord, at: (samples: number) => number) {
    for (const { start, end, certain } of record.spans) {
      const box = this.#bandBox(record, at, start, end);
      if (box.x > this.#view.width || box.x + box.width < 0) continue;
      if (certain) band(this.#context, box, this.#palette.speech, end === undefined);
      else ghost(this.#context, box, this.#palette.delay);
    }
  }

  /** The bands' labels, on top of everything else. */
  labels({ record, origin }: Placed) {
    const at = (samples: number) => this.#x(origin + samples / record.format.sampleRate);
    const palette = this.#palette;
    record.spans.forEach(({ start, end, certain }, index) => {
      const box = this.#bandBox(record, at, start, end);
      if (box.x > this.#view.width || box.x + box.width < 0) return;
      const next = record.spans[index + 1];
      const x = Math.max(box.x, 0);
      // An open band's label may extend past now, where the strip is empty.
      const limit = next
        ? at(next.start) - x - 2
        : end === undefined
          ? this.#view.width - x
          : box.x + Math.max(box.width, 64) - x;
      const length =
        end === undefined ? "" : ` ${((end - start) / record.format.sampleRate).toFixed(2)} s`;
      const words = certain
        ? [`speech${length}`, "speech"]
        : ["speech? not yet certain", "speech?", "?"];
      this.#context.font = `600 14px ${palette.sans}`;
      const fits = words.find((text) => this.#context.measureText(text).width + 12 <= limit);
      if (!fits) return;
      const top = this.#lanes.sound.top;
      const { font } = this.#context;
      if (certain) {
        tag(this.#context, fits, x, top, { background: palette.speech, text: palette.page, font });
        return;
      }
      const style = { background: palette.panel, text: palette.delay, font };
      const width = tag(this.#context, fits, x, top, style);
      ghost(this.#context, { x, y: top, width, height: tagHeight }, palette.delay);
    });
  }

  /** The waveform as one closed outline, in the ink colour where speech was found. */
  #sound(record: StreamRecord, at: (samples: number) => number) {
    const { top, bottom, middle, reach } = this.#lanes.sound;
    const [first, last] = this.#visible(at, record.samplesPerBin, record.low.length);
    if (last <= first) return;
    const context = this.#context;
    context.beginPath();
    for (let bin = first; bin < last; bin++) {
      context.lineTo(
        at(bin * record.samplesPerBin),
        middle - 0.5 - (record.high.at(bin) / 127) * reach,
      );
    }
    for (let bin = last - 1; bin >= first; bin--) {
      context.lineTo(
        at(bin * record.samplesPerBin),
        middle + 0.5 - (record.low.at(bin) / 127) * reach,
      );
    }
    context.closePath();
    context.fillStyle = this.#palette.muted;
    context.fill();
    context.save();
    context.clip();
    context.fillStyle = this.#palette.ink;
    for (const { start, end, certain } of record.spans) {
      if (!certain) continue;
      const box = this.#bandBox(record, at, start, end);
      context.fillRect(box.x, top, box.width, bottom - top);
    }
    context.restore();
  }

  #frames(record: StreamRecord, at: (samples: number) => number) {
    const { top, bottom } = this.#lanes.probability;
    const [first, last] = this.#visible(
      at,
      record.format.frameSamples,
      record.probabilities.length,
    );
    const pitch = at(record.format.frameSamples) - at(0);
    const width = pitch >= 3 ? pitch - 1 : pitch;
    for (let frame = first; frame < last; frame++) {
      const height = record.probabilities.at(frame) * (bottom - top - 2);
      const x = at(frame * record.format.frameSamples);
      cell(this.#context, { x, y: bottom - height, width, height }, this.#palette.probability);
    }
  }

  #seconds(record: StreamRecord, origin: number, newest: boolean) {
    const { probability } = this.#lanes;
    if (this.#view.height - probability.bottom < 20) return;
    let step = 1;
    while (step * this.#scale < 72) step *= step === 2 ? 2.5 : 2;
    const left = this.#view.now - this.#view.seconds * nowShare - origin;
    this.#context.font = `400 14px ${this.#palette.mono}`;
    this.#context.fillStyle = this.#palette.muted;
    this.#context.textBaseline = "middle";
    this.#context.textAlign = "left";
    const first = Math.max(0, Math.floor(left / step) * step);
    // The last label of an older record would overlap the first of the next.
    const last = newest ? record.seconds : record.seconds - 48 / this.#scale;
    for (let second = first; second <= last; second += step) {
      const x = this.#x(origin + second);
      if (x > this.#view.width * nowShare - (this.#view.live ? 84 : 40)) break;
      this.#context.fillRect(Math.round(x), probability.bottom, 1, 6);
      this.#context.fillText(`${second} s`, x + 6, probability.bottom + 13);
    }
  }

  #breaks(record: StreamRecord, at: (samples: number) => number) {
    const { sound, probability } = this.#lanes;
    for (const { start, length } of record.gaps) {
      const box = {
        x: at(start),
        y: sound.top,
        width: at(start + length) - at(start),
        height: probability.bottom - sound.top,
      };
      gap(this.#context, box, this.#palette.delay);
    }
    for (const samples of record.interruptions) {
      tornEdge(this.#context, at(samples), sound.top, probability.bottom, this.#palette);
    }
  }

  now(last: Placed | undefined) {
    const { sound, probability } = this.#lanes;
    const x = this.#x(this.#view.now);
    const { ink, muted, mono, sans } = this.#palette;
    const context = this.#context;
    if (this.#view.cursor !== undefined) {
      hairline(context, this.#x(this.#view.cursor), sound.top, probability.bottom, ink);
    }
    if (!this.#view.live) return;
    hairline(context, x, sound.top - 4, probability.bottom, ink);
    if (!last || this.#view.height - probability.bottom < 20) return;
    const { pulseSamples, sampleRate } = last.record.format;
    const width = (pulseSamples / sampleRate) * this.#scale;
    bracket(context, { x, y: probability.bottom + 1, width, height: 5 }, ink);
    context.textBaseline = "middle";
    context.font = `600 14px ${sans}`;
    context.fillStyle = ink;
    context.textAlign = "right";
    context.fillText("now", x - 4, probability.bottom + 13);
    context.font = `400 14px ${mono}`;
    context.fillStyle = muted;
    context.textAlign = "left";
    const length = `${Math.round((pulseSamples / sampleRate) * 1000)} ms`;
    if (x + width + 8 + context.measureText(length).width > this.#view.width) return;
    context.fillText(length, x + width + 8, probability.bottom + 13);
  }

  /** Visible range among `count` steps of `samples` samples each: first, and one past the last. */
  #visible(at: (samples: number) => number, samples: number, count: number): [number, number] {
    const pitch = at(samples) - at(0);
    const first = Math.floor(-at(0) / pitch) - 1;
    const last = Math.ceil((this.#view.width - at(0)) / pitch) + 1;
    return [Math.max(0, first), Math.min(count, last)];
  }
}
