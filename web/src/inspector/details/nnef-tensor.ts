import { html, LitElement, nothing, type PropertyValues, svg } from "lit";
import { faultOf } from "../../base/inspect-error.js";
import { type Values, volumeOf } from "../../formats/dat.js";
import type { ModelView } from "../../model/view.js";
import { BINS, type Statistics, shortNumber, statistics } from "./statistics.js";

/** Values per page. */
const PAGE = 64;

/** `<nnef-tensor>`: statistics and values of one weight. */
export class NnefTensor extends LitElement {
  static override properties = {
    view: { attribute: false },
    label: {},
    shown: { state: true },
    page: { state: true },
  };

  declare view: ModelView | undefined;
  /** Label of the weight: its file name without `.dat`. */
  declare label: string | undefined;
  declare protected shown:
    | {
        readonly values: Values;
        readonly statistics: Statistics | undefined;
        readonly label: string;
      }
    | undefined;
  declare protected page: number;

  constructor() {
    super();
    this.page = 0;
  }

  protected override createRenderRoot() {
    return this;
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has("label") || changed.get("view")) void this.#read();
  }

  async #read() {
    const { view, label } = this;
    this.page = 0;
    this.shown = undefined;
    if (!view || label === undefined) return;
    const entry = view.tensors.get(label);
    if (!entry || !("header" in entry)) return;
    try {
      const values = view.archive.values(label);
      const numbers = Array.isArray(values) ? undefined : await statistics(values);
      if (label === this.label) this.shown = { values, statistics: numbers, label };
    } catch (error) {
      this.dispatchEvent(new CustomEvent("nnef-fault", { detail: faultOf(error), bubbles: true }));
    }
  }

  protected override render() {
    const { view, label } = this;
    if (!view || label === undefined) return nothing;
    const entry = view.tensors.get(label);
    if (!entry) {
      return html`<p class="details-missing">The file <code>${label}.dat</code> is not in this archive: the graph can be
        read, this weight cannot.</p>`;
    }
    if ("error" in entry) {
      return html`<p class="details-fault"><b aria-hidden="true">×</b> ${entry.error.message}.</p>`;
    }
    const { shape, dtype, bytes } = entry.header;
    return html`
      <dl class="rows">
        <dt>shape</dt><dd><span class="fact">${[...shape, dtype].join(",")}</span></dd>
        <dt>items</dt><dd>${volumeOf(shape).toLocaleString("en")}</dd>
        <dt>bytes</dt><dd>${bytes.toLocaleString("en")}</dd>
        ${this.#numbers()}
      </dl>
      ${this.#histogram()} ${this.#values(shape)}`;
  }

  #numbers() {
    const numbers = this.shown?.statistics;
    if (!numbers) return nothing;
    const { min, max, mean, deviation, zeros, notFinite } = numbers;
    return html`
      <dt>min</dt><dd data-figure="min">${shortNumber(min)}</dd>
      <dt>max</dt><dd data-figure="max">${shortNumber(max)}</dd>
      <dt>mean</dt><dd data-figure="mean">${shortNumber(mean)}</dd>
      <dt>deviation</dt><dd data-figure="deviation">${shortNumber(deviation)}</dd>
      <dt>zeros</dt><dd data-figure="zeros">${zeros.toLocaleString("en")}</dd>
      ${notFinite ? html`<dt>not finite</dt><dd class="fault">× ${notFinite}</dd>` : nothing}`;
  }

  #histogram() {
    const numbers = this.shown?.statistics;
    if (!numbers || numbers.histogram.length === 0) return nothing;
    const { histogram, min, max } = numbers;
    const most = Math.max(...histogram);
    return html`<figure class="histogram">
      <svg viewBox="0 0 ${BINS} 40" preserveAspectRatio="none" role="img"
        aria-label="Histogram of ${BINS} bins from ${shortNumber(min)} to ${shortNumber(max)}">
        ${histogram.map((count, at) => {
          const height = count === 0 ? 0 : Math.max(0.8, (count / most) * 40);
          return svg`<rect x=${at} y=${40 - height} width="0.86" height=${height} />`;
        })}
      </svg>
      <figcaption><span>${shortNumber(min)}</span><span>${shortNumber(max)}</span></figcaption>
    </figure>`;
  }

  #values(shape: readonly number[]) {
    const values = this.shown?.values;
    if (!values) return html`<p class="muted">Reading…</p>`;
    const from = this.page * PAGE;
    const part = Array.from({ length: Math.min(PAGE, values.length - from) }, (_, at) => {
      const value = values[from + at];
      return typeof value === "number" ? shortNumber(value) : String(value);
    });
    const last = Math.max(0, Math.ceil(values.length / PAGE) - 1);
    const step = (by: number) => {
      this.page = Math.max(0, Math.min(last, this.page + by));
    };
    return html`
      <div class="values-head">
        <span>${indexOf(from, shape)} …</span>
        <button class="tool" ?disabled=${this.page === 0} @click=${() => step(-1)} aria-label="Earlier values">‹</button>
        <button class="tool" ?disabled=${this.page === last} @click=${() => step(1)} aria-label="Later values">›</button>
      </div>
      <pre class="values" tabindex="0" aria-label="Values">${part.join("  ")}</pre>`;
  }
}

/** Index of an item, e.g. `[0,3,1]`. */
function indexOf(flat: number, shape: readonly number[]): string {
  let rest = flat;
  const index = shape.toReversed().map((dim) => {
    const at = dim ? rest % dim : 0;
    rest = dim ? Math.floor(rest / dim) : 0;
    return at;
  });
  return `[${index.toReversed().join(",")}]`;
}
