import { hairline } from "nnef-pulse/look";
import type { Pen, Size } from "./drawing.ts";

/** A line of measured points. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly colour: "probability" | "ink" | "state" | "delay";
  readonly dashed?: boolean;
}

export interface Plot {
  readonly series: readonly Series[];
  readonly x: {
    readonly label: string;
    /** Values with a tick; the first and last are the edges. */
    readonly ticks: readonly number[];
    /** Whether the axis is logarithmic. */
    readonly log?: boolean;
  };
  /** Starts at 0. */
  readonly y: { readonly label: string; readonly format: (value: number) => string };
}

const LEGEND = 24;
const FOOT = 44;
const LEFT = 76;
const RIGHT = 16;
const LINES = 4;
const DOT = 3;

/** Height of the drawing for a width, in CSS pixels. */
export const plotHeight = (width: number): number => (width < 440 ? 280 : 340);

/** Draws lines of measured points over an x axis with ticks and a y axis from 0. */
export function paintPlot(pen: Pen, { width, height }: Size, { series, x, y }: Plot) {
  const { context, palette } = pen;
  const scaled = (value: number) => (x.log ? Math.log(value) : value);
  const [least, most] = [scaled(x.ticks[0] ?? 0), scaled(x.ticks.at(-1) ?? 1)];
  const top = 2 * LEGEND + 8;
  const foot = height - FOOT;
  const highest = roundUp(
    Math.max(0, ...series.flatMap(({ points }) => points.map((each) => each.y))),
  );
  const across = (value: number) =>
    LEFT + ((scaled(value) - least) / (most - least || 1)) * (width - LEFT - RIGHT);
  const up = (value: number) => foot - (value / highest) * (foot - top);
  pen.label(y.label, 4, LEGEND + 8, palette.muted);
  const measured = series.some(({ points }) => points.length > 0);
  for (let line = 0; line <= LINES; line++) {
    const value = (line / LINES) * highest;
    context.fillStyle = palette.hairline;
    context.fillRect(LEFT, Math.round(up(value)), width - LEFT - RIGHT, 1);
    if (measured) pen.label(y.format(value), LEFT - 8, up(value), palette.muted, "right");
  }
  for (const tick of x.ticks) {
    hairline(context, across(tick), foot, foot + 6, palette.muted);
    pen.label(String(tick), across(tick), foot + 16, palette.muted, "center");
  }
  pen.label(x.label, (LEFT + width - RIGHT) / 2, height - 8, palette.muted, "center");
  let legend = 4;
  for (const { name, points, colour, dashed } of series) {
    context.strokeStyle = palette[colour];
    context.lineWidth = 2;
    context.setLineDash(dashed ? [5, 3] : []);
    context.beginPath();
    context.moveTo(legend, 12);
    context.lineTo(legend + 20, 12);
    context.stroke();
    context.beginPath();
    for (const point of points) context.lineTo(across(point.x), up(point.y));
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = palette[colour];
    for (const point of points) {
      context.beginPath();
      context.arc(across(point.x), up(point.y), DOT, 0, 2 * Math.PI);
      context.fill();
    }
    pen.label(name, legend + 26, 12, palette.ink);
    legend += 26 + context.measureText(name).width + 24;
  }
}

/** Rounds up to 1, 2, 4 or 8 times a power of ten, so that quarters have few digits. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 4, 8, 10].find((each) => each * power >= value) ?? 10);
}
