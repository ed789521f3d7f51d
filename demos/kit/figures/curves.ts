import { hairline } from "nnef-pulse/look";
import type { Pen, Size } from "./drawing.ts";

/** A line over frames; `from` is the frame of its first value. */
export interface Curve {
  readonly name: string;
  readonly values: readonly number[];
  readonly from: number;
  readonly colour: "probability" | "ink";
  readonly dashed?: boolean;
  /** Values before this index are padding: drawn dotted. */
  readonly ghosts?: number;
}

export interface CurvePicture {
  readonly curves: readonly Curve[];
  /** Number of frames on the x axis. */
  readonly frames: number;
  /** Difference of each frame, drawn below; undefined draws nothing. */
  readonly difference: readonly (number | undefined)[];
  /** Differences up to this count as zero. */
  readonly tolerance: number;
}

const TOP = 30;
const GAP = 40;
const TICKS = 5;
const INSET = 8;

/** Height of the drawing for a width, in CSS pixels. */
export const curvesHeight = (width: number): number => (width < 440 ? 280 : 340);

/** Draws curves with values from 0 to 1 over frames and, below, their difference on the same scale. */
export function paintCurves(pen: Pen, { width, height }: Size, picture: CurvePicture) {
  const { context, palette } = pen;
  const upper = (height - TOP - GAP - 24) * 0.6;
  const lower = height - TOP - GAP - 24 - upper;
  const x = (frame: number) => INSET + ((frame + 0.5) / picture.frames) * (width - 2 * INSET);
  const base = TOP + upper;
  const foot = base + GAP + lower;
  for (let frame = 0; frame <= picture.frames; frame += TICKS) {
    hairline(context, x(frame), TOP, foot, palette.hairline);
    if (frame < picture.frames)
      pen.label(String(frame), x(frame), foot + 14, palette.muted, "center");
  }
  let legend = INSET;
  for (const curve of picture.curves) {
    const colour = palette[curve.colour];
    context.strokeStyle = colour;
    context.lineWidth = 2;
    line(context, colour, curve, x, (value) => base - value * upper);
    context.setLineDash(curve.dashed ? [5, 3] : []);
    context.beginPath();
    context.moveTo(legend, 12);
    context.lineTo(legend + 20, 12);
    context.stroke();
    context.setLineDash([]);
    pen.label(curve.name, legend + 26, 12, palette.ink);
    legend += 26 + context.measureText(curve.name).width + 24;
  }
  const flat = picture.difference.every((value) => (value ?? 0) <= picture.tolerance);
  const colour = flat ? palette.speech : palette.fault;
  pen.label("difference", INSET, base + GAP - 14, palette.ink);
  context.fillStyle = colour;
  const wide = (width - 2 * INSET) / picture.frames - 2;
  picture.difference.forEach((value, frame) => {
    if (value === undefined) return;
    const tall = Math.max(2, Math.min(1, value) * lower);
    context.fillRect(x(frame) - wide / 2, foot - tall, wide, tall);
  });
}

function line(
  context: CanvasRenderingContext2D,
  colour: string,
  { values, from, dashed, ghosts = 0 }: Curve,
  x: (frame: number) => number,
  y: (value: number) => number,
) {
  const part = (first: number, end: number) => {
    context.beginPath();
    for (let at = first; at < end; at++) context.lineTo(x(at + from), y(values[at] ?? 0));
    context.stroke();
  };
  context.strokeStyle = colour;
  context.setLineDash(dashed ? [5, 3] : []);
  part(Math.max(0, ghosts), values.length);
  context.setLineDash([2, 4]);
  if (ghosts > 0) part(0, ghosts + 1);
  context.setLineDash([]);
}
