import { Drawing, type Pen, type Size } from "../../kit/figures/drawing.ts";
import type { Image } from "./digits.ts";
import { paintImage } from "./paint-image.ts";

/** An image of the grid and its label. */
export interface Shown {
  readonly image: Image;
  readonly label: string;
  /** `drawing`: still on the board; `wrong`: read wrongly. */
  readonly mark?: "drawing" | "wrong";
}

const IMAGE = 48;
const WIDE = 72;
const HIGH = 80;

/** Images side by side, each above its label. */
export class ImageGrid {
  readonly element = document.createElement("div");
  readonly #drawing: Drawing;
  #shown: readonly Shown[] = [];

  /** @param most images that the grid reserves space for, so that the layout does not move */
  constructor(label: string, most: number) {
    this.#drawing = new Drawing(
      this.element,
      (width) => Math.ceil(most / Math.max(1, Math.floor(width / WIDE))) * HIGH,
      label,
      (pen, size) => this.#paint(pen, size),
    );
  }

  show(shown: readonly Shown[], words: string) {
    this.#shown = shown;
    this.#drawing.describe(words);
    this.#drawing.redraw();
  }

  #paint(pen: Pen, { width }: Size) {
    const { context, palette } = pen;
    const across = Math.max(1, Math.floor(width / WIDE));
    for (const [at, { image, label, mark }] of this.#shown.entries()) {
      const [x, y] = [(at % across) * WIDE, Math.floor(at / across) * HIGH];
      const box = { x: x + (WIDE - IMAGE) / 2, y: y + 4, size: IMAGE };
      context.strokeStyle = mark === "wrong" ? palette.fault : palette.hairline;
      if (mark === "drawing") context.strokeStyle = palette.muted;
      context.lineWidth = 1;
      context.setLineDash(mark === "drawing" ? [4, 3] : []);
      context.strokeRect(box.x - 2.5, box.y - 2.5, IMAGE + 5, IMAGE + 5);
      context.setLineDash([]);
      paintImage(context, image, box, palette.ink);
      const colour = mark === "wrong" ? palette.fault : palette.probability;
      pen.label(label, x + WIDE / 2, y + IMAGE + 20, colour, "center");
    }
  }
}
