import { hairline } from "../look/drawing/marks.js";
import { type Palette, readPalette, watchTheme } from "../look/drawing/palette.js";
import type { StreamResult } from "../stream/output-trimmer.js";
import type { StreamPort } from "../stream/ports.js";

/** Values per frame up to which an output is drawn as curves; wider ones are drawn as bands. */
const MOST_CURVES = 4;
/** Frames kept of an output without a rate, and seconds of one with it. */
const FRAMES = 240;
const SECONDS = 10;
const LABEL_HEIGHT = 20;

/** The newest frames of one output. */
class Lane {
  readonly name: string;
  /** Values per frame. */
  readonly width: number;
  readonly capacity: number;
  readonly #axis: number;
  readonly #values: Float32Array;
  /** Frames so far. */
  count = 0;
  low = 0;
  high = 1;

  constructor({ name, shape, axis, framesPerPulse, rate }: StreamPort) {
    this.name = name;
    this.#axis = axis;
    this.width = Math.max(1, shape.reduce((a, b) => a * b, 1) / framesPerPulse);
    this.capacity = rate === undefined ? FRAMES : Math.max(1, Math.round(rate * SECONDS));
    this.#values = new Float32Array(this.capacity * this.width);
  }

  /** Frames stay along their axis; the other axes become one. */
  add({ data, shape }: StreamResult) {
    const frames = this.#axis < 0 ? 1 : (shape[this.#axis] ?? 1);
    const inner = shape.slice(this.#axis + 1).reduce((a, b) => a * b, 1);
    for (let frame = 0; frame < frames; frame++) {
      const slot = (this.count % this.capacity) * this.width;
      for (let index = 0; index < this.width; index++) {
        const outer = Math.floor(index / inner);
        const value = Number(data[(outer * frames + frame) * inner + (index % inner)]);
        this.#values[slot + index] = value;
        this.low = Math.min(this.low, value);
        this.high = Math.max(this.high, value);
      }
      this.count += 1;
    }
  }

  /** @param back frames before the newest */
  at(back: number, index: number): number {
    const slot = (this.count - 1 - back) % this.capacity;
    return this.#values[slot * this.width + index] ?? 0;
  }
}

/** Outputs of a stream over time, one lane each: curves for few values per frame, else bands. */
export class StreamPlot {
  readonly #host: HTMLElement;
  readonly #canvas = document.createElement("canvas");
  readonly #release: (() => void)[] = [];
  #palette: Palette;
  #lanes: readonly Lane[] = [];
  #request = 0;

  constructor(host: HTMLElement) {
    this.#host = host;
    this.#canvas.role = "img";
    this.#canvas.ariaLabel = "Outputs of the model: nothing yet";
    host.append(this.#canvas);
    this.#palette = readPalette(host);
    const size = new ResizeObserver(() => this.#schedule());
    size.observe(host);
    const theme = watchTheme(() => {
      this.#palette = readPalette(host);
      this.#schedule();
    });
    this.#release.push(theme, () => size.disconnect());
  }

  /** Begins with empty lanes, one per output. */
  start(outputs: readonly StreamPort[]) {
    this.#lanes = outputs.map((port) => new Lane(port));
    this.#schedule();
  }

  add(result: StreamResult) {
    this.#lanes.find(({ name }) => name === result.name)?.add(result);
    this.#schedule();
  }

  /** Says the newest value of each output, for those who do not see the curves. */
  describe() {
    const newest = this.#lanes.map((lane) =>
      lane.width === 1 && lane.count > 0
        ? `${lane.name} ${lane.at(0, 0).toFixed(2)}`
        : `${lane.name}, ${lane.count} ${lane.count === 1 ? "frame" : "frames"} of ${lane.width}`,
    );
    this.#canvas.ariaLabel = `Outputs of the model: ${newest.join("; ")}`;
  }

  dispose() {
    cancelAnimationFrame(this.#request);
    for (const release of this.#release) release();
    this.#canvas.remove();
  }

  #schedule() {
    if (this.#request === 0) this.#request = requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    this.#request = 0;
    const { clientWidth: width, clientHeight: height } = this.#host;
    const context = this.#canvas.getContext("2d");
    if (!context || width === 0 || height === 0) return;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const each = height / Math.max(1, this.#lanes.length);
    this.#lanes.forEach((lane, index) => {
      const top = index * each + LABEL_HEIGHT;
      const box = { top, height: each - LABEL_HEIGHT - 4, width };
      context.fillStyle = this.#palette.muted;
      context.font = `400 14px ${this.#palette.mono}`;
      context.textBaseline = "middle";
      context.fillText(lane.name, 8, top - LABEL_HEIGHT / 2);
      context.fillStyle = this.#palette.hairline;
      context.fillRect(0, top + box.height, width, 1);
      if (lane.width <= MOST_CURVES) this.#curves(context, lane, box);
      else this.#bands(context, lane, box);
    });
  }

  #curves(context: CanvasRenderingContext2D, lane: Lane, box: Box) {
    const shown = Math.min(lane.count, lane.capacity);
    const pitch = box.width / lane.capacity;
    const span = lane.high - lane.low || 1;
    context.strokeStyle = this.#palette.probability;
    for (let index = 0; index < lane.width; index++) {
      context.setLineDash(index === 0 ? [] : [2 * index, 2]);
      context.beginPath();
      for (let back = 0; back < shown; back++) {
        const x = box.width - (back + 0.5) * pitch;
        const y = box.top + box.height * (1 - (lane.at(back, index) - lane.low) / span);
        if (back === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
      context.stroke();
    }
    context.setLineDash([]);
    hairline(context, box.width - 1, box.top, box.top + box.height, this.#palette.hairline);
  }

  #bands(context: CanvasRenderingContext2D, lane: Lane, box: Box) {
    const shown = Math.min(lane.count, lane.capacity);
    const pitch = box.width / lane.capacity;
    const row = box.height / lane.width;
    const span = lane.high - lane.low || 1;
    context.fillStyle = this.#palette.probability;
    for (let back = 0; back < shown; back++) {
      for (let index = 0; index < lane.width; index++) {
        context.globalAlpha = (lane.at(back, index) - lane.low) / span;
        const y = box.top + box.height - (index + 1) * row;
        context.fillRect(box.width - (back + 1) * pitch, y, Math.ceil(pitch), Math.ceil(row));
      }
    }
    context.globalAlpha = 1;
  }
}

interface Box {
  readonly top: number;
  readonly height: number;
  readonly width: number;
}
