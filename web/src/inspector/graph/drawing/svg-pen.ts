import type { Palette } from "../../../look/drawing/palette.js";
import type { Point } from "../layout/layout.js";
import {
  arrowHead,
  type Box,
  cellBoxes,
  type LineStyle,
  type Pen,
  type RectStyle,
  TEXT_SIZE,
  type TextStyle,
} from "./pen.js";

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`).replace(/[^\P{C}\n]/gu, "");

const round = (value: number): string => String(Math.round(value * 10) / 10);

/** Writes a drawing as a self-contained SVG file without styles and scripts. */
export class SvgPen implements Pen {
  readonly #parts: string[] = [];
  readonly #palette: Palette;

  constructor(palette: Palette) {
    this.#palette = palette;
  }

  file(bounds: Box, title: string): Blob {
    const { x, y, width, height } = bounds;
    const view = [x, y, width, height].map(round).join(" ");
    const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${view}" width="${round(width)}" height="${round(height)}">
<title>${escaped(title)}</title>
<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${escaped(this.#palette.page)}"/>
${this.#parts.join("\n")}
</svg>
`;
    return new Blob([text], { type: "image/svg+xml" });
  }

  rect({ x, y, width, height }: Box, style: RectStyle) {
    const dash = style.dashed ? ' stroke-dasharray="4 3"' : "";
    this.#parts.push(
      `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${style.radius ?? 0}" fill="${escaped(style.fill ?? "none")}" stroke="${escaped(style.stroke ?? "none")}" stroke-width="${style.width ?? 1}"${dash}/>`,
    );
  }

  line(points: readonly Point[], style: LineStyle) {
    const path = points.map((point, at) => {
      const after = points[at + 1];
      const here = `${round(point.x)} ${round(point.y)}`;
      if (at === 0) return `M${here}`;
      if (!style.smooth || !after) return `L${here}`;
      return `Q${here} ${round((point.x + after.x) / 2)} ${round((point.y + after.y) / 2)}`;
    });
    this.#parts.push(
      `<path d="${path.join("")}" fill="none" stroke="${escaped(style.stroke)}" stroke-width="${style.width ?? 1}"/>`,
    );
    if (!style.arrow) return;
    const corners = arrowHead(points).map(({ x, y }) => `${round(x)} ${round(y)}`);
    this.#parts.push(`<path d="M${corners.join("L")}z" fill="${escaped(style.stroke)}"/>`);
  }

  text(text: string, x: number, y: number, style: TextStyle) {
    const anchor = style.align === "right" ? ' text-anchor="end"' : "";
    this.#parts.push(
      `<text x="${round(x)}" y="${round(y)}" dominant-baseline="central" font-family="${escaped(this.#palette[style.face])}" font-size="${TEXT_SIZE}" font-weight="${style.bold ? 600 : 400}" fill="${escaped(style.fill)}"${anchor} xml:space="preserve">${escaped(text)}</text>`,
    );
  }

  cells(values: ArrayLike<number>, box: Box) {
    cellBoxes(values.length, box).forEach((cell, at) => {
      const reach = Math.max(-1, Math.min(1, values[at] ?? 0)) * (cell.height / 2 - 1);
      const middle = cell.y + cell.height / 2;
      this.rect(
        { ...cell, y: Math.min(middle, middle - reach), height: Math.max(1, Math.abs(reach)) },
        { fill: this.#palette.state },
      );
    });
  }

  faded(alpha: number, draw: () => void) {
    this.#parts.push(`<g opacity="${alpha}">`);
    draw();
    this.#parts.push("</g>");
  }
}
