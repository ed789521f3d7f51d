/** A drawing along which one place of several is held: by a hand, or by arrow keys. */
export interface HoldOptions {
  /** What is held, for those who do not see it. */
  readonly label: string;
  /** How many places there are. */
  readonly count: () => number;
  /** The place, in so many words. */
  readonly told: (place: number) => string;
  readonly moved: (place: number) => void;
}

export class Hold {
  readonly element = document.createElement("div");
  readonly #options: HoldOptions;
  #place = 0;

  constructor(options: HoldOptions) {
    this.#options = options;
    this.element.className = "surface";
    this.element.tabIndex = 0;
    this.element.role = "slider";
    this.element.ariaLabel = options.label;
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("pointerdown", (event) => this.#grab(event));
  }

  get place(): number {
    return this.#place;
  }

  /** Moves, and tells. */
  to(place: number) {
    const { count, told, moved } = this.#options;
    this.#place = Math.max(0, Math.min(count() - 1, place));
    Object.assign(this.element, {
      ariaValueMin: "0",
      ariaValueMax: String(count() - 1),
      ariaValueNow: String(this.#place),
      ariaValueText: told(this.#place),
    });
    moved(this.#place);
  }

  #key(event: KeyboardEvent) {
    const count = this.#options.count();
    const moves: Readonly<Record<string, number>> = {
      ArrowLeft: this.#place - 1,
      ArrowDown: this.#place - 1,
      ArrowRight: this.#place + 1,
      ArrowUp: this.#place + 1,
      PageDown: this.#place - 10,
      PageUp: this.#place + 10,
      Home: 0,
      End: count - 1,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.to(to);
  }

  #grab(event: PointerEvent) {
    if (event.button !== 0) return;
    const { element } = this;
    const follow = ({ clientX }: PointerEvent) => {
      const { left, width } = element.getBoundingClientRect();
      this.to(Math.floor(((clientX - left) / width) * this.#options.count()));
    };
    const drop = () => {
      element.removeEventListener("pointermove", follow);
      element.removeEventListener("pointerup", drop);
      element.removeEventListener("pointercancel", drop);
    };
    element.setPointerCapture(event.pointerId);
    element.addEventListener("pointermove", follow);
    element.addEventListener("pointerup", drop);
    element.addEventListener("pointercancel", drop);
    follow(event);
  }
}
