import { band, ghost, hairline } from "nnef-pulse/look";
import type { Pen } from "../../kit/figures/drawing.ts";

/** A part of a drawing, in CSS pixels. */
export interface Lane {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The samples at the edges of a lane. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** Margin at both sides of a drawing. */
export const SIDE = 4;

/** The x of a sample. */
export const placeOf = ({ x, width }: Lane, { from, to }: Stretch, sample: number): number =>
  x + ((sample - from) / (to - from)) * width;

/** Paints sound: smallest and largest sample of each pixel column. `loudest` fills the lane. */
export function paintWave(
  { context }: Pen,
  lane: Lane,
  samples: Float32Array,
  stretch: Stretch,
  colour: string,
  loudest = loudestOf(samples, stretch),
) {
  const middle = lane.y + lane.height / 2;
  const each = (stretch.to - stretch.from) / lane.width;
  const half = lane.height / 2 / Math.max(loudest, 1e-3);
  context.fillStyle = colour;
  for (let column = 0; column < lane.width; column++) {
    const first = Math.floor(stretch.from + column * each);
    let low = 0;
    let high = 0;
    for (let at = first; at < Math.max(first + 1, first + each); at++) {
      const sample = samples[at] ?? 0;
      low = Math.min(low, sample);
      high = Math.max(high, sample);
    }
    const top = middle - high * half;
    context.fillRect(lane.x + column, top, 1, Math.max(1, (high - low) * half));
  }
}

export function loudestOf(samples: Float32Array, { from, to }: Stretch): number {
  let most = 0;
  for (let at = Math.max(0, from); at < Math.min(samples.length, to); at++) {
    most = Math.max(most, Math.abs(samples[at] ?? 0));
  }
  return most;
}

/** Values from 0 to 1 for each frame, drawn as steps; `from` is the first sample of frame 0. */
export interface Curve {
  readonly values: ArrayLike<number>;
  readonly frameSamples: number;
  readonly from?: number;
  readonly colour: string;
  readonly dashed?: boolean;
}

export function paintCurve({ context }: Pen, lane: Lane, curve: Curve, stretch: Stretch) {
  const { values, frameSamples, from = 0, colour, dashed = false } = curve;
  context.save();
  context.beginPath();
  context.rect(lane.x, lane.y - 2, lane.width, lane.height + 4);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.setLineDash(dashed ? [5, 3] : []);
  context.beginPath();
  for (let frame = 0; frame < values.length; frame++) {
    const y = lane.y + lane.height * (1 - (values[frame] ?? 0));
    context.lineTo(placeOf(lane, stretch, from + frame * frameSamples), y);
    context.lineTo(placeOf(lane, stretch, from + (frame + 1) * frameSamples), y);
  }
  context.stroke();
  context.restore();
}

/** Paints spans of speech: filled if certain, dashed if not. */
export function paintSpans(
  { context }: Pen,
  lane: Lane,
  spans: readonly { readonly start: number; readonly end: number }[],
  stretch: Stretch,
  colour: string,
  certain = true,
) {
  for (const { start, end } of spans) {
    const x = placeOf(lane, stretch, start);
    const box = { ...lane, x, width: Math.max(2, placeOf(lane, stretch, end) - x) };
    if (certain) band(context, box, colour, false);
    else ghost(context, box, colour);
  }
}

/** Paints seconds below a lane, with a step that keeps labels apart. */
export function paintSeconds(pen: Pen, lane: Lane, stretch: Stretch, rate: number) {
  const seconds = (stretch.to - stretch.from) / rate;
  const step = [1, 2, 5, 10, 20, 30].find((each) => (lane.width / seconds) * each >= 56) ?? 60;
  for (let at = 0; at <= seconds; at += step) {
    const x = placeOf(lane, stretch, stretch.from + at * rate);
    hairline(pen.context, x, lane.y, lane.y + lane.height, pen.palette.hairline);
    const align = at === 0 ? "left" : x > lane.x + lane.width - 24 ? "right" : "center";
    pen.label(`${at} s`, x, lane.y + lane.height + 12, pen.palette.muted, align);
  }
}
