import { type Palette, readPalette, watchTheme } from "../drawing/palette.js";
import type { StreamRecord } from "./stream-record.js";
import { lanes, nowShare, type Placed } from "./strip-lanes.js";
import { paintStrip } from "./strip-paint.js";
import { Threshold } from "./threshold.js";
import { TimeScrubber } from "./time-scrubber.js";

export interface StripOptions {
  /** Seconds from the left to the right edge (default 10). */
  readonly seconds?: number;
  /** 0.01 to 0.99 (default 0.5). */
  readonly threshold?: number;
  /** Called when the user moves the threshold. */
  readonly onThreshold?: (threshold: number) => void;
  /** Called while the strip is stopped with the time range in view, in seconds of its first record. */
  readonly onView?: (from: number, to: number) => void;
}

/**
 * The strip of time: one canvas, painted only while it changes and is visible.
 * It needs `strip.css` in the same tree and takes the size of its host.
 */
export class Strip {
  readonly #host: HTMLElement;
  readonly #picture = document.createElement("div");
  readonly #canvas = document.createElement("canvas");
  readonly #liveRegion = document.createElement("div");
  readonly #threshold: Threshold;
  readonly #scrubber: TimeScrubber;
  readonly #seconds: number;
  readonly #onView: StripOptions["onView"];
  readonly #reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #cleanup: (() => void)[] = [];

  #placed: Placed[] = [];
  #palette: Palette;
  #width = 0;
  #height = 0;
  #now = 0;
  #live = false;
  #cursor: (() => number | undefined) | undefined;
  #isVisible = true;
  #request = 0;
  #lastFrame = 0;

  constructor(host: HTMLElement, options: StripOptions = {}) {
    this.#host = host;
    this.#seconds = options.seconds ?? 10;
    this.#onView = options.onView;
    this.#threshold = new Threshold(options.threshold ?? 0.5, (value) =>
      options.onThreshold?.(value),
    );
    this.#scrubber = new TimeScrubber((seconds) => this.#look(seconds));
    this.#picture.className = "strip-picture";
    this.#picture.role = "img";
    this.#canvas.setAttribute("aria-hidden", "true");
    this.#picture.append(this.#canvas);
    this.#liveRegion.className = "strip-spoken";
    this.#liveRegion.ariaLive = "polite";
    host.prepend(this.#picture, this.#scrubber.element, this.#threshold.element, this.#liveRegion);
    this.#palette = readPalette(host);
    this.#watch();
    this.#resize();
    this.#describe();
  }

  get threshold(): number {
    return this.#threshold.value;
  }

  set threshold(value: number) {
    this.#threshold.value = value;
  }

  /** Shows the record of a stream that has ended, its end at *now*. */
  show(record: StreamRecord) {
    this.#placed = [{ record, origin: 0 }];
    this.#live = false;
    this.#cursor = undefined;
    this.#look(record.seconds);
  }

  /** Starts a stream at *now*; what was shown moves out to the left. */
  follow(record: StreamRecord) {
    this.rest();
    this.#cursor = undefined;
    const end = this.#end;
    this.#now = end;
    this.#placed = this.#placed.filter(
      (each) => each.origin + each.record.seconds > end - this.#seconds,
    );
    this.#placed.push({ record, origin: end });
    this.#live = true;
    this.#scrubber.set({ from: 0, to: 0 }, 0, 0);
    this.#requestFrame();
  }

  /** Stops scrolling, so that the user can look back. */
  rest() {
    if (!this.#live) return;
    this.#live = false;
    this.#look(this.#end);
  }

  /** Continues scrolling. */
  resume() {
    this.#live = true;
    this.#cursor = undefined;
    this.#now = this.#end;
    this.#scrubber.set({ from: 0, to: 0 }, 0, 0);
    this.#requestFrame();
  }

  /** Repaints after a change to a record on the strip. */
  changed() {
    this.#requestFrame();
    if (!this.#live) this.#look(this.#now);
  }

  /**
   * Shows a playback line at `position()`, in seconds of the newest record, and keeps it in view until
   * it returns undefined. Has no effect on a running stream.
   */
  play(position: () => number | undefined) {
    if (this.#live) return;
    const origin = this.#placed.at(-1)?.origin ?? 0;
    this.#cursor = () => {
      const at = position();
      return at === undefined ? undefined : origin + at;
    };
    this.#requestFrame();
  }

  /** While stopped: brings `seconds` of the newest record into view, near the left edge. */
  reveal(seconds: number) {
    if (this.#live) return;
    const at = (this.#placed.at(-1)?.origin ?? 0) + seconds;
    this.#look(at + (nowShare - 0.1) * this.#seconds);
  }

  /** Announces `text` to screen readers. */
  announce(text: string) {
    this.#liveRegion.textContent = text;
  }

  dispose() {
    cancelAnimationFrame(this.#request);
    for (const clean of this.#cleanup) clean();
    this.#picture.remove();
    this.#scrubber.element.remove();
    this.#threshold.element.remove();
    this.#liveRegion.remove();
  }

  get #end(): number {
    const last = this.#placed.at(-1);
    return last ? last.origin + last.record.seconds : 0;
  }

  #watch() {
    const size = new ResizeObserver(() => this.#resize());
    size.observe(this.#host);
    const visibility = new IntersectionObserver((entries) => {
      this.#isVisible = entries.at(-1)?.isIntersecting ?? true;
      this.#requestFrame();
    });
    visibility.observe(this.#host);
    const scrub = (event: WheelEvent) => this.#scrubber.wheel(event);
    this.#host.addEventListener("wheel", scrub, { passive: false });
    const request = () => this.#requestFrame();
    const theme = () => {
      this.#palette = readPalette(this.#host);
      this.#requestFrame();
    };
    document.addEventListener("visibilitychange", request);
    this.#reducedMotion.addEventListener("change", request);
    // A canvas is not repainted when a font has loaded.
    document.fonts.addEventListener("loadingdone", request);
    this.#cleanup.push(
      watchTheme(theme),
      () => size.disconnect(),
      () => this.#host.removeEventListener("wheel", scrub),
      () => visibility.disconnect(),
      () => document.removeEventListener("visibilitychange", request),
      () => this.#reducedMotion.removeEventListener("change", request),
      () => document.fonts.removeEventListener("loadingdone", request),
    );
  }

  #resize() {
    const ratio = devicePixelRatio;
    const width = this.#host.clientWidth;
    const height = this.#host.clientHeight;
    if (width === 0 || height === 0) return;
    this.#width = width;
    this.#height = height;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#threshold.lane = lanes(height).probability;
    if (this.#live) this.#paint();
    else this.#look(this.#now);
  }

  /** While stopped: moves `seconds` to the now line and updates the description. */
  #look(seconds: number) {
    const first = this.#placed[0]?.origin ?? 0;
    const range = { from: Math.min(this.#end, first + this.#seconds * nowShare), to: this.#end };
    this.#now = Math.max(range.from, Math.min(range.to, seconds));
    if (this.#width > 0) this.#scrubber.set(range, this.#now, this.#seconds / this.#width);
    this.#onView?.(this.#now - this.#seconds * nowShare - first, this.#now - first);
    this.#describe();
    this.#paint();
  }

  #describe() {
    const last = this.#placed.at(-1);
    const spans = last?.record.spans.filter((span) => span.certain) ?? [];
    const rate = last?.record.format.sampleRate ?? 1;
    const times = spans
      .slice(-8)
      .map(
        ({ start, end }) =>
          `${(start / rate).toFixed(1)} to ${end ? `${(end / rate).toFixed(1)} s` : "now"}`,
      );
    const found = spans.length === 0 ? "no speech" : `speech from ${times.join(", ")}`;
    this.#picture.ariaLabel = `Sound above, probability of speech below, over ${this.#seconds} seconds: ${found}`;
  }

  #requestFrame() {
    if (this.#request !== 0 || !this.#isVisible || document.hidden) return;
    this.#lastFrame = 0;
    this.#request = requestAnimationFrame((time) => this.#frame(time));
  }

  #frame(time: number) {
    this.#request = 0;
    const elapsed = this.#lastFrame === 0 ? 0 : (time - this.#lastFrame) / 1000;
    if (!this.#live) this.#keepCursorInView();
    const moved = this.#live ? this.#advance(elapsed) : true;
    if (moved) this.#paint();
    const moving = this.#live || this.#cursor?.() !== undefined;
    if (!moving || !this.#isVisible || document.hidden) return;
    this.#lastFrame = time;
    this.#request = requestAnimationFrame((next) => this.#frame(next));
  }

  #keepCursorInView() {
    const at = this.#cursor?.();
    const shown = this.#seconds * nowShare;
    if (at === undefined || (at >= this.#now - shown && at <= this.#now)) return;
    this.#look(at + shown - 0.1 * this.#seconds);
  }

  /** Advances *now* with the clock, smoothed towards the end of the received sound; true if it moved. */
  #advance(elapsed: number): boolean {
    const end = this.#end;
    const before = this.#now;
    if (this.#reducedMotion.matches) {
      const origin = this.#placed.at(-1)?.origin ?? 0;
      this.#now = origin + Math.floor(end - origin);
      return this.#now !== before || elapsed === 0;
    }
    const behind = end - 0.05 - this.#now;
    const jump = Math.abs(behind) > 0.5;
    this.#now = jump ? end : Math.min(end, this.#now + elapsed * Math.max(0, 1 + behind * 4));
    return true;
  }

  #paint() {
    const context = this.#canvas.getContext("2d");
    if (!context || this.#width === 0) return;
    const ratio = this.#canvas.width / this.#width;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const view = {
      width: this.#width,
      height: this.#height,
      seconds: this.#seconds,
      now: this.#now,
      live: this.#live,
      cursor: this.#cursor?.(),
    };
    paintStrip(context, view, this.#placed, this.#palette);
  }
}
