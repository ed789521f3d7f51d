import { type Palette, readPalette, watchTheme } from "../shell/palette.js";
import { Lookback } from "./lookback.js";
import { lanes, nowShare, type Placed } from "./strip-lanes.js";
import { paintStrip } from "./strip-paint.js";
import type { Take } from "./take.js";
import { Threshold } from "./threshold.js";

export interface StripOptions {
  /** Seconds from the left to the right edge (default 10). */
  readonly seconds?: number;
  /** 0.01 to 0.99 (default 0.5). */
  readonly threshold?: number;
  /** Hears of every move of the threshold by the person. */
  readonly onThreshold?: (threshold: number) => void;
}

/**
 * The strip of time: one canvas, painted only while something moves and it can be seen.
 * It needs `strip.css` in the same tree and takes the size of its host.
 */
export class Strip {
  readonly #host: HTMLElement;
  readonly #picture = document.createElement("div");
  readonly #canvas = document.createElement("canvas");
  readonly #spoken = document.createElement("div");
  readonly #threshold: Threshold;
  readonly #lookback: Lookback;
  readonly #seconds: number;
  readonly #calm = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #release: (() => void)[] = [];

  #placed: Placed[] = [];
  #palette: Palette;
  #width = 0;
  #height = 0;
  #now = 0;
  #live = false;
  #cursor: (() => number | undefined) | undefined;
  #seen = true;
  #request = 0;
  #before = 0;

  constructor(host: HTMLElement, options: StripOptions = {}) {
    this.#host = host;
    this.#seconds = options.seconds ?? 10;
    this.#threshold = new Threshold(options.threshold ?? 0.5, (value) =>
      options.onThreshold?.(value),
    );
    this.#lookback = new Lookback((seconds) => this.#look(seconds));
    this.#picture.className = "strip-picture";
    this.#picture.role = "img";
    this.#canvas.setAttribute("aria-hidden", "true");
    this.#picture.append(this.#canvas);
    this.#spoken.className = "strip-spoken";
    this.#spoken.ariaLive = "polite";
    host.prepend(this.#picture, this.#lookback.element, this.#threshold.element, this.#spoken);
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

  /** Puts down a finished take, its end at *now*, in place of what was there. */
  show(take: Take) {
    this.#placed = [{ take, origin: 0 }];
    this.#live = false;
    this.#cursor = undefined;
    this.#look(take.seconds);
  }

  /** A stream begins at *now*; the picture that was there leaves to the left. */
  follow(take: Take) {
    this.rest();
    this.#cursor = undefined;
    const end = this.#end;
    this.#now = end;
    this.#placed = this.#placed.filter(
      (each) => each.origin + each.take.seconds > end - this.#seconds,
    );
    this.#placed.push({ take, origin: end });
    this.#live = true;
    this.#lookback.set({ from: 0, to: 0 }, 0, 0);
    this.#wake();
  }

  /** The stream stands still; it can be looked back over. */
  rest() {
    if (!this.#live) return;
    this.#live = false;
    this.#look(this.#end);
  }

  /** The stream that stood still goes on. */
  resume() {
    this.#live = true;
    this.#cursor = undefined;
    this.#now = this.#end;
    this.#lookback.set({ from: 0, to: 0 }, 0, 0);
    this.#wake();
  }

  /** Something of a take changed that is on the strip. */
  changed() {
    this.#wake();
    if (!this.#live) this.#look(this.#now);
  }

  /**
   * Shows where the newest take is being played: a line at what `position` answers (in seconds of
   * that take) until it answers undefined, kept in view. Does nothing to a running stream.
   */
  play(position: () => number | undefined) {
    if (this.#live) return;
    const origin = this.#placed.at(-1)?.origin ?? 0;
    this.#cursor = () => {
      const at = position();
      return at === undefined ? undefined : origin + at;
    };
    this.#wake();
  }

  /** Says `text` to whoever listens to the page instead of looking at it. */
  announce(text: string) {
    this.#spoken.textContent = text;
  }

  dispose() {
    cancelAnimationFrame(this.#request);
    for (const release of this.#release) release();
    this.#picture.remove();
    this.#lookback.element.remove();
    this.#threshold.element.remove();
    this.#spoken.remove();
  }

  get #end(): number {
    const last = this.#placed.at(-1);
    return last ? last.origin + last.take.seconds : 0;
  }

  #watch() {
    const size = new ResizeObserver(() => this.#resize());
    size.observe(this.#host);
    const seen = new IntersectionObserver((entries) => {
      this.#seen = entries.at(-1)?.isIntersecting ?? true;
      this.#wake();
    });
    seen.observe(this.#host);
    const wake = () => this.#wake();
    const theme = () => {
      this.#palette = readPalette(this.#host);
      this.#wake();
    };
    document.addEventListener("visibilitychange", wake);
    this.#calm.addEventListener("change", wake);
    // The canvas cannot know that a font it asked for has arrived.
    document.fonts.addEventListener("loadingdone", wake);
    this.#release.push(
      watchTheme(theme),
      () => size.disconnect(),
      () => seen.disconnect(),
      () => document.removeEventListener("visibilitychange", wake),
      () => this.#calm.removeEventListener("change", wake),
      () => document.fonts.removeEventListener("loadingdone", wake),
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

  /** At rest: puts `seconds` at the now line and says what is to be seen. */
  #look(seconds: number) {
    const first = this.#placed[0]?.origin ?? 0;
    const range = { from: Math.min(this.#end, first + this.#seconds * nowShare), to: this.#end };
    this.#now = Math.max(range.from, Math.min(range.to, seconds));
    if (this.#width > 0) this.#lookback.set(range, this.#now, this.#seconds / this.#width);
    this.#describe();
    this.#paint();
  }

  #describe() {
    const last = this.#placed.at(-1);
    const spans = last?.take.spans.filter((span) => span.certain) ?? [];
    const rate = last?.take.format.sampleRate ?? 1;
    const times = spans
      .slice(-8)
      .map(
        ({ start, end }) =>
          `${(start / rate).toFixed(1)} to ${end ? `${(end / rate).toFixed(1)} s` : "now"}`,
      );
    const found = spans.length === 0 ? "no speech" : `speech from ${times.join(", ")}`;
    this.#picture.ariaLabel = `Sound above, probability of speech below, over ${this.#seconds} seconds: ${found}`;
  }

  #wake() {
    if (this.#request !== 0 || !this.#seen || document.hidden) return;
    this.#before = 0;
    this.#request = requestAnimationFrame((time) => this.#frame(time));
  }

  #frame(time: number) {
    this.#request = 0;
    const elapsed = this.#before === 0 ? 0 : (time - this.#before) / 1000;
    if (!this.#live) this.#keepCursorInView();
    const turned = this.#live ? this.#advance(elapsed) : true;
    if (turned) this.#paint();
    const moving = this.#live || this.#cursor?.() !== undefined;
    if (!moving || !this.#seen || document.hidden) return;
    this.#before = time;
    this.#request = requestAnimationFrame((next) => this.#frame(next));
  }

  #keepCursorInView() {
    const at = this.#cursor?.();
    const shown = this.#seconds * nowShare;
    if (at === undefined || (at >= this.#now - shown && at <= this.#now)) return;
    this.#look(at - 0.1 * this.#seconds + shown);
  }

  /** Moves *now* on with the clock, drawn softly towards the sound that has arrived; true when it moved. */
  #advance(elapsed: number): boolean {
    const end = this.#end;
    const before = this.#now;
    if (this.#calm.matches) {
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
