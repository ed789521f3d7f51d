import { band, type Palette, readPalette, type StreamRecord, watchTheme } from "nnef-pulse/look";

/** Recordings up to this length, in seconds, fit on the strip well enough. */
const least = 20;

/** The whole of a recording in one line: its segments, and the part that the strip shows. */
export class Minimap {
  readonly #canvas: HTMLCanvasElement;
  #palette: Palette;
  #record: StreamRecord | undefined;
  #view = { from: 0, to: 0 };

  /** @param reveal called with a time in seconds that the user points at */
  constructor(canvas: HTMLCanvasElement, reveal: (seconds: number) => void) {
    this.#canvas = canvas;
    this.#palette = readPalette(canvas);
    watchTheme(() => {
      this.#palette = readPalette(canvas);
      this.#paint();
    });
    new ResizeObserver(() => this.#paint()).observe(canvas);
    const point = ({ offsetX }: PointerEvent) => {
      if (this.#record) reveal((offsetX / canvas.clientWidth) * this.#record.seconds);
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      point(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) point(event);
    });
  }

  /** Shows `record`; hidden for a short one and for undefined. */
  show(record: StreamRecord | undefined) {
    this.#record = record;
    this.#canvas.hidden = record === undefined || record.seconds < least;
    this.#paint();
  }

  /** Marks the part in view, in seconds. */
  view(from: number, to: number) {
    this.#view = { from, to };
    this.#paint();
  }

  #paint() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const context = this.#canvas.getContext("2d");
    if (!context || !this.#record || this.#canvas.hidden || width === 0) return;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const { spans, length, format } = this.#record;
    for (const { start, end } of spans) {
      const x = (start / length) * width;
      const to = ((end ?? length) / length) * width;
      band(
        context,
        { x, y: 4, width: Math.max(1, to - x), height: height - 8 },
        this.#palette.speech,
        false,
      );
    }
    const scale = (width * format.sampleRate) / length;
    const from = Math.max(0, this.#view.from * scale);
    context.strokeStyle = this.#palette.ink;
    context.strokeRect(from + 0.5, 0.5, Math.max(4, this.#view.to * scale - from - 1), height - 1);
  }
}
