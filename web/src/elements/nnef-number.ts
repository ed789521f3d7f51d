import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { BundleReading } from "../reading/bundle-reading.js";
import { type BundleNumber, numberAt } from "../reading/number.js";
import { tokenStyles } from "./styles.js";

/**
 * `<nnef-number bundle path>`: a number read or computed from a bundle, so that text about a model
 * stays true for another bundle. Hover or focus shows where it was read.
 *
 * @attr bundle the bundle's folder; by default, `data-bundle` of the nearest ancestor
 * @attr path a path of `numberAt` in `nnef-pulse/reading`; with the prefix `page:`, the page sets the
 *   number by {@link show}
 */
export class NnefNumber extends LitElement {
  static override readonly styles = [
    tokenStyles,
    css`
      :host {
        font-family: var(--mono);
        font-size: 0.9375em;
        font-variant-numeric: tabular-nums;
      }
      .number {
        border-bottom: 1px dotted currentColor;
        border-radius: 1px;
        cursor: help;
        overflow-wrap: anywhere;
      }
      .number:focus-visible {
        outline: 2px solid var(--ink);
        outline-offset: 2px;
      }
      .failed {
        color: var(--fault);
      }
      .where {
        position: fixed;
        z-index: 2;
        display: none;
        width: max-content;
        max-width: min(44ch, calc(100vw - 16px));
        padding: var(--space-4) var(--space-8);
        background: var(--ink);
        color: var(--page);
        border-radius: var(--corner);
        font: 400 var(--text-14) / 1.4 var(--mono);
        white-space: normal;
        pointer-events: none;
      }
      .number:hover + .where,
      .number:focus + .where {
        display: block;
      }
      @media print {
        .number + .where {
          display: none;
        }
      }
    `,
  ];

  static override readonly properties = {
    bundle: { type: String },
    path: { type: String },
    shown: { state: true },
    fault: { state: true },
  };

  declare bundle: string | undefined;
  declare path: string;
  declare protected shown: BundleNumber | undefined;
  declare protected fault: string | undefined;
  #requestId = 0;

  constructor() {
    super();
    this.path = "";
  }

  /** Shows a number that the page has computed, and its source. */
  show(text: string, where: string) {
    this.#requestId++;
    this.fault = undefined;
    this.shown = { text, where };
  }

  /** The text shown. */
  get value(): string | undefined {
    return this.shown?.text;
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has("path") || changed.has("bundle")) void this.#read();
  }

  async #read() {
    const { path } = this;
    const folder = this.bundle ?? this.closest<HTMLElement>("[data-bundle]")?.dataset.bundle;
    if (path === "" || path.startsWith("page:")) return;
    const requestId = ++this.#requestId;
    try {
      if (folder === undefined) throw new Error(`${path}: no bundle is given`);
      const found = await numberAt(await BundleReading.open(folder), path);
      if (requestId === this.#requestId) this.shown = found;
    } catch (error) {
      if (requestId === this.#requestId)
        this.fault = error instanceof Error ? error.message : String(error);
    }
  }

  /** Places the tooltip above the number, inside the window. */
  #placeTooltip() {
    const tooltip = this.renderRoot.querySelector<HTMLElement>(".where");
    if (!tooltip) return;
    const number = this.getBoundingClientRect();
    const { width, height } = tooltip.getBoundingClientRect();
    const middle = number.left + number.width / 2 - width / 2;
    tooltip.style.left = `${Math.max(8, Math.min(innerWidth - width - 8, middle))}px`;
    const above = number.top - height - 4;
    tooltip.style.top = `${above > 0 ? above : number.bottom + 4}px`;
  }

  protected override render() {
    const { shown, fault } = this;
    const where = fault ?? shown?.where;
    return html`<span class="number ${fault ? "failed" : ""}" tabindex="0" role="note"
        @pointerenter=${this.#placeTooltip} @focus=${this.#placeTooltip} aria-describedby=${where ? "where" : nothing}>${fault ? "×" : (shown?.text ?? "–")}</span
      ><span class="where" id="where" role="tooltip" ?hidden=${!where}>${where}</span>`;
  }
}
