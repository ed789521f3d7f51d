/** A horizontal slider line over a lane, moved by pointer or arrow keys, with its value on it. */
export class Threshold {
  readonly element: HTMLElement;
  readonly #number: HTMLElement;
  readonly #onChange: (value: number) => void;
  #value: number;
  #lane = { top: 0, bottom: 1 };

  /** @param onChange called with a value from 0.01 to 0.99 when the user moves the line */
  constructor(value: number, onChange: (value: number) => void) {
    this.#value = value;
    this.#onChange = onChange;
    this.#number = document.createElement("output");
    this.#number.className = "strip-threshold-number";
    this.#number.setAttribute("aria-hidden", "true");
    this.element = document.createElement("div");
    this.element.className = "strip-threshold";
    this.element.setAttribute("part", "threshold");
    this.element.role = "slider";
    this.element.tabIndex = 0;
    this.element.ariaLabel = "Threshold: speech begins at or above this probability";
    this.element.ariaOrientation = "vertical";
    this.element.ariaValueMin = "0.01";
    this.element.ariaValueMax = "0.99";
    this.element.append(this.#number);
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("pointerdown", (event) => this.#grab(event));
    this.#show();
  }

  get value(): number {
    return this.#value;
  }

  set value(value: number) {
    this.#value = Math.round(Math.max(0.01, Math.min(0.99, value)) * 100) / 100;
    this.#show();
  }

  /** The lane under the line, in CSS pixels from the strip's top; value 1 is at `top`, 0 at `bottom`. */
  set lane(lane: { readonly top: number; readonly bottom: number }) {
    this.#lane = lane;
    this.#show();
  }

  #show() {
    const text = this.#value.toFixed(2);
    this.#number.textContent = text;
    this.element.ariaValueNow = text;
    const { top, bottom } = this.#lane;
    this.element.style.top = `${bottom - this.#value * (bottom - top)}px`;
  }

  #move(value: number) {
    const before = this.#value;
    this.value = value;
    if (this.#value !== before) this.#onChange(this.#value);
  }

  #key(event: KeyboardEvent) {
    const steps: Readonly<Record<string, number>> = {
      ArrowUp: 0.01,
      ArrowRight: 0.01,
      ArrowDown: -0.01,
      ArrowLeft: -0.01,
      PageUp: 0.1,
      PageDown: -0.1,
      Home: -1,
      End: 1,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#move(this.#value + step);
  }

  #grab(event: PointerEvent) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.element.focus();
    this.element.setPointerCapture(event.pointerId);
    const from = event.clientY;
    const value = this.#value;
    const height = this.#lane.bottom - this.#lane.top;
    const drag = (move: PointerEvent) => this.#move(value - (move.clientY - from) / height);
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
