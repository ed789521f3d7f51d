/** A drawing with a selected position, moved by pointer or arrow keys. */
export interface TimelineCursorOptions {
  /** Accessible label. */
  readonly label: string;
  /** Number of positions. */
  readonly count: () => number;
  /** Text of a position for screen readers. */
  readonly describe: (position: number) => string;
  readonly onChange: (position: number) => void;
}

export class TimelineCursor {
  readonly element = document.createElement("div");
  readonly #options: TimelineCursorOptions;
  #position = 0;

  constructor(options: TimelineCursorOptions) {
    this.#options = options;
    this.element.className = "surface";
    this.element.tabIndex = 0;
    this.element.role = "slider";
    this.element.ariaLabel = options.label;
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("pointerdown", (event) => this.#startDrag(event));
  }

  get position(): number {
    return this.#position;
  }

  /** Moves the cursor and calls `onChange`. */
  moveTo(position: number) {
    const { count, describe, onChange } = this.#options;
    this.#position = Math.max(0, Math.min(count() - 1, position));
    Object.assign(this.element, {
      ariaValueMin: "0",
      ariaValueMax: String(count() - 1),
      ariaValueNow: String(this.#position),
      ariaValueText: describe(this.#position),
    });
    onChange(this.#position);
  }

  #key(event: KeyboardEvent) {
    const count = this.#options.count();
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: this.#position - 1,
      ArrowDown: this.#position - 1,
      ArrowRight: this.#position + 1,
      ArrowUp: this.#position + 1,
      PageDown: this.#position - 10,
      PageUp: this.#position + 10,
      Home: 0,
      End: count - 1,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.moveTo(to);
  }

  #startDrag(event: PointerEvent) {
    if (event.button !== 0) return;
    const { element } = this;
    const follow = ({ clientX }: PointerEvent) => {
      const { left, width } = element.getBoundingClientRect();
      this.moveTo(Math.floor(((clientX - left) / width) * this.#options.count()));
    };
    const end = () => {
      element.removeEventListener("pointermove", follow);
      element.removeEventListener("pointerup", end);
      element.removeEventListener("pointercancel", end);
    };
    element.setPointerCapture(event.pointerId);
    element.addEventListener("pointermove", follow);
    element.addEventListener("pointerup", end);
    element.addEventListener("pointercancel", end);
    follow(event);
  }
}
