import { hairline, hatch, stateCell } from "../drawing/marks.js";
import { type Palette, readPalette, watchTheme } from "../drawing/palette.js";

/** The engine's state between pulses: one row with a violet cell per value from -1 to 1. */
export class MemoryRow {
  readonly #host: HTMLElement;
  readonly #canvas = document.createElement("canvas");
  readonly #release: (() => void)[] = [];
  #palette: Palette;
  #values: Float32Array;

  /** Shows `count` empty cells until `show`. Takes the size of `host`. */
  constructor(host: HTMLElement, count: number) {
    this.#host = host;
    this.#values = new Float32Array(count);
    this.#canvas.className = "memory-cells";
    this.#canvas.role = "img";
    host.append(this.#canvas);
    this.#palette = readPalette(host);
    const size = new ResizeObserver(() => this.#paint());
    size.observe(host);
    const theme = watchTheme(() => {
      this.#palette = readPalette(host);
      this.#paint();
    });
    this.#release.push(theme, () => size.disconnect());
  }

  show(values: Float32Array) {
    this.#values = values;
    this.#paint();
  }

  empty() {
    this.show(new Float32Array(this.#values.length));
  }

  dispose() {
    for (const release of this.#release) release();
    this.#canvas.remove();
  }

  #paint() {
    const { clientWidth: width, clientHeight: height } = this.#host;
    const context = this.#canvas.getContext("2d");
    if (!context || width === 0) return;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const fill = hatch(context, this.#palette.state);
    const pitch = width / this.#values.length;
    const gap = pitch >= 3 ? 1 : 0;
    context.globalAlpha = 0.6;
    for (let edge = 0; edge <= this.#values.length; edge++) {
      hairline(context, edge * pitch - 1, 0, height, this.#palette.hairline);
    }
    context.globalAlpha = 1;
    this.#values.forEach((value, index) => {
      const box = { x: index * pitch, y: 0, width: pitch - gap, height };
      stateCell(context, box, value, this.#palette.state, fill);
    });
    const active = this.#values.reduce(
      (count, value) => count + (Math.abs(value) > 0.05 ? 1 : 0),
      0,
    );
    this.#canvas.ariaLabel = `${this.#values.length} values kept between pulses; ${active} of them are not near zero`;
  }
}
