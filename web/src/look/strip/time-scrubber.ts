/** A slider over a stopped strip: drag, sideways wheel or swipe, or arrow keys move the view to an earlier time. */
export class TimeScrubber {
  readonly element: HTMLElement;
  readonly #onMove: (seconds: number) => void;
  #range = { from: 0, to: 0 };
  #at = 0;
  #secondsPerPixel = 0;

  /** @param onMove called with the time, in seconds, to show at the *now* line */
  constructor(onMove: (seconds: number) => void) {
    this.#onMove = onMove;
    this.element = document.createElement("div");
    this.element.className = "strip-lookback";
    this.element.role = "slider";
    this.element.tabIndex = 0;
    this.element.ariaLabel = "Time in view";
    this.element.title = "Drag or swipe sideways to move through time";
    this.element.hidden = true;
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("pointerdown", (event) => this.#grab(event));
  }

  /** Sets the reachable range in seconds. An empty range hides the slider. */
  set(range: { from: number; to: number }, at: number, secondsPerPixel: number) {
    this.#range = range;
    this.#at = at;
    this.#secondsPerPixel = secondsPerPixel;
    this.element.hidden = range.to - range.from < 0.01;
    this.element.ariaValueMin = range.from.toFixed(1);
    this.element.ariaValueMax = range.to.toFixed(1);
    this.element.ariaValueNow = at.toFixed(1);
    this.element.ariaValueText = `up to ${at.toFixed(1)} seconds`;
  }

  /** Moves by a sideways wheel or swipe. Browsers would otherwise leave the page for the previous one. */
  wheel(event: WheelEvent) {
    const pixels = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (event.ctrlKey || Math.abs(pixels) < Math.abs(event.deltaY)) return;
    event.preventDefault();
    if (!this.element.hidden) this.#move(this.#at + pixels * this.#secondsPerPixel);
  }

  #move(at: number) {
    this.#onMove(Math.max(this.#range.from, Math.min(this.#range.to, at)));
  }

  #key(event: KeyboardEvent) {
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -0.5,
      ArrowRight: 0.5,
      PageUp: -5,
      PageDown: 5,
      Home: Number.NEGATIVE_INFINITY,
      End: Number.POSITIVE_INFINITY,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#move(this.#at + step);
  }

  #grab(event: PointerEvent) {
    if (event.button !== 0) return;
    this.element.setPointerCapture(event.pointerId);
    const from = event.clientX;
    const at = this.#at;
    const drag = (move: PointerEvent) =>
      this.#move(at - (move.clientX - from) * this.#secondsPerPixel);
    const drop = () => {
      this.element.removeEventListener("pointermove", drag);
      this.element.removeEventListener("pointerup", drop);
      this.element.removeEventListener("pointercancel", drop);
    };
    this.element.addEventListener("pointermove", drag);
    this.element.addEventListener("pointerup", drop);
    this.element.addEventListener("pointercancel", drop);
  }
}
