import { hatch, stateCell } from "../../../look/drawing/marks.js";
import type { Palette } from "../../../look/drawing/palette.js";
import type { Point } from "../layout/layout.js";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface RectStyle {
  readonly fill?: string;
  readonly stroke?: string;
  readonly width?: number;
  readonly radius?: number;
  readonly dashed?: boolean;
}

export interface LineStyle {
  readonly stroke: string;
  readonly width?: number;
  readonly arrow?: boolean;
  /** Radius of the corners at inner points. */
  readonly smooth?: boolean;
}

export interface TextStyle {
  readonly fill: string;
  readonly face: "sans" | "mono";
  readonly bold?: boolean;
  readonly align?: "left" | "right";
}

export const TEXT_SIZE = 14;

/** Drawing operations, for the page's canvas and for SVG files. */
export interface Pen {
  rect(box: Box, style: RectStyle): void;
  line(points: readonly Point[], style: LineStyle): void;
  /** One line of 14 px text, with its middle at `y`. */
  text(text: string, x: number, y: number, style: TextStyle): void;
  /** State cells with values from -1 to 1, left to right. */
  cells(values: ArrayLike<number>, box: Box): void;
  /** Draws `draw` as one layer of this opacity. */
  faded(alpha: number, draw: () => void): void;
}

export class CanvasPen implements Pen {
  readonly #context: CanvasRenderingContext2D;
  readonly #palette: Palette;
  readonly #hatch: CanvasPattern | string;

  constructor(context: CanvasRenderingContext2D, palette: Palette) {
    this.#context = context;
    this.#palette = palette;
    this.#hatch = hatch(context, palette.state);
    context.textBaseline = "middle";
    context.lineJoin = "round";
  }

  rect({ x, y, width, height }: Box, style: RectStyle) {
    const context = this.#context;
    context.beginPath();
    context.roundRect(x, y, width, height, style.radius ?? 0);
    if (style.fill) {
      context.fillStyle = style.fill;
      context.fill();
    }
    if (style.stroke) {
      context.strokeStyle = style.stroke;
      context.lineWidth = style.width ?? 1;
      context.setLineDash(style.dashed ? [4, 3] : []);
      context.stroke();
      context.setLineDash([]);
    }
  }

  line(points: readonly Point[], style: LineStyle) {
    const context = this.#context;
    const [first, ...rest] = points;
    if (!first) return;
    context.strokeStyle = style.stroke;
    context.lineWidth = style.width ?? 1;
    context.beginPath();
    context.moveTo(first.x, first.y);
    rest.forEach((point, at) => {
      const after = rest[at + 1];
      if (style.smooth && after) {
        const [x, y] = [(point.x + after.x) / 2, (point.y + after.y) / 2];
        context.quadraticCurveTo(point.x, point.y, x, y);
      } else {
        context.lineTo(point.x, point.y);
      }
    });
    context.stroke();
    if (!style.arrow) return;
    const [tip, left, right] = arrowHead(points);
    context.fillStyle = style.stroke;
    context.beginPath();
    context.moveTo(tip.x, tip.y);
    context.lineTo(left.x, left.y);
    context.lineTo(right.x, right.y);
    context.fill();
  }

  text(text: string, x: number, y: number, style: TextStyle) {
    const context = this.#context;
    context.font = fontOf(style, this.#palette);
    context.fillStyle = style.fill;
    context.textAlign = style.align ?? "left";
    context.fillText(text, x, y + 0.5);
  }

  cells(values: ArrayLike<number>, box: Box) {
    cellBoxes(values.length, box).forEach((cell, at) => {
      stateCell(this.#context, cell, values[at] ?? 0, this.#palette.state, this.#hatch);
    });
  }

  faded(alpha: number, draw: () => void) {
    const before = this.#context.globalAlpha;
    this.#context.globalAlpha = before * alpha;
    draw();
    this.#context.globalAlpha = before;
  }
}

/** Corners of the arrow head at the end of a line. */
export function arrowHead(points: readonly Point[]): readonly [Point, Point, Point] {
  const tip = points.at(-1) ?? { x: 0, y: 0 };
  const before = points.at(-2) ?? tip;
  const length = Math.hypot(tip.x - before.x, tip.y - before.y) || 1;
  const [x, y] = [(tip.x - before.x) / length, (tip.y - before.y) / length];
  const side = (by: number) => ({ x: tip.x - 7 * x - by * y, y: tip.y - 7 * y + by * x });
  return [tip, side(3.5), side(-3.5)];
}

export function fontOf(style: Pick<TextStyle, "face" | "bold">, palette: Palette): string {
  return `${style.bold ? 600 : 400} ${TEXT_SIZE}px ${palette[style.face]}`;
}

export function cellBoxes(count: number, { x, y, width, height }: Box): Box[] {
  const pitch = width / Math.max(1, count);
  const gap = pitch >= 3 ? 1 : 0;
  return Array.from({ length: count }, (_, at) => ({
    x: x + at * pitch,
    y,
    width: Math.max(0.5, pitch - gap),
    height,
  }));
}
