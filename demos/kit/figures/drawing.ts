import { type Palette, readPalette, watchTheme } from "nnef-pulse/look";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A canvas context in CSS pixels, with the theme's colours. */
export interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly mono: string;
  label(text: string, x: number, y: number, colour: string, align?: CanvasTextAlign): void;
}

const TEXT = 14;

/** A canvas that is repainted when its size, the theme or its content changes. */
export class Drawing {
  readonly canvas = document.createElement("canvas");
  readonly #host: HTMLElement;
  readonly #paint: (pen: Pen, size: Size) => void;
  #palette: Palette | undefined;
  #isScheduled = false;

  /**
   * @param host receives the canvas, and sets its width
   * @param height CSS pixels for a width
   * @param label text for screen readers; {@link describe} replaces it
   */
  constructor(
    host: HTMLElement,
    height: (width: number) => number,
    label: string,
    paint: (pen: Pen, size: Size) => void,
  ) {
    this.#host = host;
    this.#paint = paint;
    this.canvas.role = "img";
    this.canvas.ariaLabel = label;
    host.classList.add("drawing");
    host.append(this.canvas);
    const fit = () => {
      host.style.height = `${height(host.clientWidth)}px`;
    };
    new ResizeObserver(() => {
      fit();
      this.redraw();
    }).observe(host);
    // Printing has its own width and light colours, and does not wait for an animation frame.
    matchMedia("print").addEventListener("change", () => {
      this.#palette = undefined;
      fit();
      this.#draw();
    });
    watchTheme(() => {
      this.#palette = undefined;
      this.redraw();
    });
    // Label widths change once the page's fonts are loaded.
    void document.fonts.ready.then(() => this.redraw());
  }

  /** Sets the text for screen readers. */
  describe(text: string) {
    this.canvas.ariaLabel = text;
  }

  redraw() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#draw();
    });
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#host;
    const context = this.canvas.getContext("2d");
    if (!context || width === 0) return;
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    this.#palette ??= readPalette(this.#host);
    const palette = this.#palette;
    const mono = `400 ${TEXT}px ${palette.mono}`;
    context.textBaseline = "middle";
    const label: Pen["label"] = (text, x, y, colour, align = "left") => {
      context.font = mono;
      context.fillStyle = colour;
      context.textAlign = align;
      context.fillText(text, x, y);
    };
    this.#paint({ context, palette, mono, label }, { width, height });
  }
}
