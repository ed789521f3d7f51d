export interface SliderOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly value: number;
  /** Text of a value, on screen and for screen readers. */
  readonly format?: (value: number) => string;
  readonly onChange: (value: number) => void;
}

/** A labelled range input with its value beside it. */
export class Slider {
  readonly element = document.createElement("label");
  readonly #input = document.createElement("input");
  readonly #output = document.createElement("output");
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
    this.#output.className = "figure";
    this.element.append(name, this.#input, this.#output);
    this.#input.addEventListener("input", () => {
      this.#showValue();
      options.onChange(this.value);
    });
    this.value = options.value;
  }

  get value(): number {
    return this.#input.valueAsNumber;
  }

  /** Does not call `onChange`. */
  set value(value: number) {
    this.#input.valueAsNumber = value;
    this.#showValue();
  }

  set max(max: number) {
    this.#input.max = String(max);
    this.#showValue();
  }

  #showValue() {
    const text = this.#options.format?.(this.value) ?? String(this.value);
    this.#output.textContent = text;
    this.#input.setAttribute("aria-valuetext", text);
  }
}
