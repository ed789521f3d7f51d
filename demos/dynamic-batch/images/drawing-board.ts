import { Drawing, type Pen } from "../../kit/figures/drawing.ts";
import type { Point, Stroke } from "./strokes.ts";

/** Pen positions across the board, for the keyboard. */
const STEPS = 12;
const PEN_WIDTH = 0.07;

/** A square to draw on with pointer, finger or keyboard. */
export class DrawingBoard {
  readonly element = document.createElement("div");
  readonly #drawing: Drawing;
  readonly #changed: () => void;
  #strokes: Point[][] = [];
  /** Position of the keyboard pen; undefined while the board has no focus. */
  #pen: Point | undefined;
  #isPenDown = false;

  /** @param changed is called for every new part of a stroke */
  constructor(changed: () => void) {
    this.#changed = changed;
    const { element } = this;
    element.className = "board";
    element.tabIndex = 0;
    element.role = "application";
    element.ariaLabel =
      "Drawing board. Arrow keys move the pen, Space lowers and lifts it, Delete clears.";
    this.#drawing = new Drawing(
      element,
      (width) => width,
      "",
      (pen, { width }) => this.#paint(pen, width),
    );
    this.#drawing.canvas.ariaHidden = "true";
    element.addEventListener("pointerdown", (event) => this.#grab(event));
    element.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("focus", () => this.#showPen({ x: 0.5, y: 0.5 }));
    element.addEventListener("blur", () => this.#showPen(undefined));
  }

  get strokes(): readonly Stroke[] {
    return this.#strokes;
  }

  clear() {
    this.#strokes = [];
    this.#isPenDown = false;
    this.#drawing.redraw();
  }

  #grab(event: PointerEvent) {
    if (event.button !== 0) return;
    const { element } = this;
    element.setPointerCapture(event.pointerId);
    this.#pen = undefined;
    const stroke = [this.#pointOf(event)];
    this.#strokes.push(stroke);
    this.#strokeChanged();
    const move = (moved: PointerEvent) => {
      // All positions since the last frame, so that quick strokes stay round.
      const events = moved.getCoalescedEvents?.() ?? [];
      for (const each of events.length > 0 ? events : [moved]) stroke.push(this.#pointOf(each));
      this.#strokeChanged();
    };
    const end = () => element.removeEventListener("pointermove", move);
    element.addEventListener("pointermove", move);
    element.addEventListener("pointerup", end, { once: true });
    element.addEventListener("pointercancel", end, { once: true });
  }

  #pointOf({ clientX, clientY }: PointerEvent): Point {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    return { x: within((clientX - left) / width), y: within((clientY - top) / height) };
  }

  #key(event: KeyboardEvent) {
    const pen = this.#pen ?? { x: 0.5, y: 0.5 };
    const step = 1 / STEPS;
    const moves: Readonly<Record<string, Point>> = {
      ArrowLeft: { x: within(pen.x - step), y: pen.y },
      ArrowRight: { x: within(pen.x + step), y: pen.y },
      ArrowUp: { x: pen.x, y: within(pen.y - step) },
      ArrowDown: { x: pen.x, y: within(pen.y + step) },
    };
    const to = moves[event.key];
    if (to) {
      this.#pen = to;
      if (this.#isPenDown) this.#strokes.at(-1)?.push(to);
    } else if (event.key === " ") {
      this.#isPenDown = !this.#isPenDown;
      if (this.#isPenDown) this.#strokes.push([pen]);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.clear();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    this.#strokeChanged();
  }

  #showPen(pen: Point | undefined) {
    this.#pen = this.element.matches(":focus-visible") ? pen : undefined;
    if (!pen) this.#isPenDown = false;
    this.#drawing.redraw();
  }

  #strokeChanged() {
    this.#drawing.redraw();
    this.#changed();
  }

  #paint({ context, palette }: Pen, size: number) {
    context.strokeStyle = palette.ink;
    context.lineWidth = PEN_WIDTH * size;
    context.lineCap = "round";
    context.lineJoin = "round";
    for (const stroke of this.#strokes) {
      context.beginPath();
      for (const { x, y } of stroke) context.lineTo(x * size, y * size);
      // A dot is a line of length 0, which canvas does not draw.
      const [only] = stroke;
      if (stroke.length === 1 && only) context.lineTo(only.x * size, only.y * size + 0.01);
      context.stroke();
    }
    if (!this.#pen) return;
    context.beginPath();
    context.arc(this.#pen.x * size, this.#pen.y * size, (PEN_WIDTH * size) / 2, 0, 2 * Math.PI);
    context.lineWidth = 2;
    context.strokeStyle = palette.probability;
    context.fillStyle = palette.probability;
    if (this.#isPenDown) context.fill();
    context.stroke();
  }
}

const within = (value: number): number => Math.max(0, Math.min(1, value));
