import { type Palette, readPalette, watchTheme } from "nnef-pulse/look";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Draws with CSS pixels. */
export interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly mono: string;
  label(text: string, x: number, y: number, colour: string, align?: CanvasTextAlign): void;
}

const TEXT = 14;

/** One canvas that is drawn anew when its size, the theme, or what it shows has changed. */
export class Drawing {
  readonly canvas = document.createElement("canvas");
  readonly #host: HTMLElement;
  readonly #paint: (pen: Pen, size: Size) => void;
  #palette: Palette | undefined;
  #asked = false;

  /**
   * @param host gets the canvas; its width is the drawing's
   * @param height in CSS pixels, from the width
   * @param label what the drawing is, for those who do not see it; {@link tell} says more
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
    // Paper has its own width and is always light, and waits for no frame.
    matchMedia("print").addEventListener("change", () => {
      this.#palette = undefined;
      fit();
      this.#draw();
    });
    watchTheme(() => {
      this.#palette = undefined;
      this.redraw();
    });
    // Widths of labels are those of the page's own fonts.
    void document.fonts.ready.then(() => this.redraw());
  }

  /** What the drawing now shows, in words. */
  tell(words: string) {
    this.canvas.ariaLabel = words;
  }

  redraw() {
    if (this.#asked) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
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
