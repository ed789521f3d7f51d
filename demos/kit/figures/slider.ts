/** A labelled range with its value beside it, worked by hand and by arrow keys. */
export interface SliderOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly value: number;
  /** The value as it is read out. */
  readonly shown?: (value: number) => string;
  readonly moved: (value: number) => void;
}

export class Slider {
  readonly element = document.createElement("label");
  readonly #input = document.createElement("input");
  readonly #value = document.createElement("output");
  readonly #options: SliderOptions;

  constructor(options: SliderOptions) {
    this.#options = options;
    const name = document.createElement("span");
    name.textContent = options.label;
    this.element.className = "slider";
    this.#input.type = "range";
    this.#input.min = String(options.min);
    this.#input.max = String(options.max);
    this.#input.step = String(options.step ?? 1);
    this.#value.className = "figure";
    this.element.append(name, this.#input, this.#value);
    this.#input.addEventListener("input", () => {
      this.#show();
      options.moved(this.value);
    });
    this.value = options.value;
  }

  get value(): number {
    return this.#input.valueAsNumber;
  }

  /** Moves it without telling. */
  set value(value: number) {
    this.#input.valueAsNumber = value;
    this.#show();
  }

  set max(max: number) {
    this.#input.max = String(max);
    this.#show();
  }

  #show() {
    const text = this.#options.shown?.(this.value) ?? String(this.value);
    this.#value.textContent = text;
    this.#input.setAttribute("aria-valuetext", text);
  }
}
