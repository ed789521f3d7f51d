import { html, LitElement, nothing, type PropertyValues } from "lit";
import type { RemoteModel } from "tract-wasm/worker";
import { type Fault, faultOf } from "../../base/inspect-error.js";
import { shortOp } from "../../nnef/ops.js";
import { emit } from "../base/events.js";
import { setOverlay } from "../workspace/overlay.js";
import { firstChoice, wholeModel } from "../workspace/whole-model.js";
import type { Workspace } from "../workspace/workspace.js";
import { overlayOf } from "./compare-overlay.js";
import { type Change, diff } from "./diff.js";
import { type Comparison, comparePulsed, type Written, written } from "./pulsed-forms.js";
import { sentenceOf } from "./sentence.js";

/** `<nnef-compare>`: what pulsing changes, counted, listed and marked in the graph. */
export class NnefCompare extends LitElement {
  static override properties = {
    workspace: { attribute: false },
    symbol: { state: true },
    pulse: { state: true },
    comparison: { state: true },
    fault: { state: true },
    busy: { state: true },
    at: { state: true },
  };

  declare workspace: Workspace | undefined;
  declare protected symbol: string;
  declare protected pulse: number;
  declare protected comparison: Comparison | undefined;
  declare protected fault: Fault | undefined;
  declare protected busy: boolean;
  declare protected at: number;

  #whole: RemoteModel | undefined;
  #written: Promise<Written> | undefined;
  #symbols: readonly string[] = [];
  #possible: readonly number[] = [];
  #requestId = 0;
  #bytes: Uint8Array | undefined;
  readonly #changed = () => {
    if (this.workspace?.bytes !== this.#bytes) void this.#begin();
  };

  constructor() {
    super();
    this.symbol = "";
    this.pulse = 8;
    this.busy = false;
    this.at = -1;
  }

  protected override createRenderRoot() {
    return this;
  }

  override connectedCallback() {
    super.connectedCallback();
    document.addEventListener("keydown", this.#key);
    this.workspace?.addEventListener("change", this.#changed);
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("keydown", this.#key);
    this.workspace?.removeEventListener("change", this.#changed);
    this.#whole?.dispose();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (!changed.has("workspace")) return;
    this.workspace?.addEventListener("change", this.#changed);
    void this.#begin();
  }

  async #begin() {
    const { workspace } = this;
    const { bytes, view } = workspace ?? {};
    if (!workspace || !bytes || !view) return;
    const requestId = ++this.#requestId;
    this.#bytes = bytes;
    this.comparison = undefined;
    this.fault = undefined;
    this.busy = true;
    try {
      const model = await wholeModel(workspace);
      if (requestId !== this.#requestId) return model.dispose();
      this.#whole?.dispose();
      this.#whole = model;
      this.#written = undefined;
      this.#symbols = model.symbols;
      const choice = firstChoice(workspace, model);
      this.symbol = choice?.symbol ?? "";
      this.pulse = choice?.pulse ?? this.pulse;
      if (choice) await this.#compare();
    } catch (error) {
      if (requestId === this.#requestId) this.fault = faultOf(error);
    } finally {
      if (requestId === this.#requestId) this.busy = false;
    }
  }

  async #compare() {
    const { workspace, symbol, pulse } = this;
    const whole = this.#whole;
    if (!workspace || !whole) return;
    workspace.choice = { symbol, pulse };
    await this.#guarded(async (requestId) => {
      const before = await this.#rewritten(whole, workspace);
      this.#show(await comparePulsed(before, whole, symbol, pulse, workspace.link), requestId);
    });
  }

  async #guarded(compare: (requestId: number) => Promise<void>) {
    const requestId = ++this.#requestId;
    this.busy = true;
    this.#possible = [];
    try {
      await compare(requestId);
    } catch (error) {
      if (requestId !== this.#requestId) return;
      this.fault = faultOf(error);
      this.#possible = (error as { possible?: number[] }).possible ?? [];
      this.comparison = undefined;
      setOverlay(this, undefined);
    } finally {
      if (requestId === this.#requestId) this.busy = false;
    }
  }

  #show(comparison: Comparison, requestId: number) {
    if (requestId !== this.#requestId) return;
    this.comparison = comparison;
    this.fault = undefined;
    this.at = -1;
    setOverlay(this, overlayOf(comparison));
  }

  /** The whole model as written by the engine, kept for the next comparison. */
  #rewritten(whole: RemoteModel, workspace: Workspace): Promise<Written> {
    this.#written ??= written(whole, workspace.subject?.title ?? "", workspace.link);
    this.#written.catch(() => {
      this.#written = undefined;
    });
    return this.#written;
  }

  /** Compares with another archive, both as written by the engine. */
  async #against(event: Event) {
    const input = event.target as HTMLInputElement;
    const [file] = input.files ?? [];
    input.value = "";
    const { workspace } = this;
    const whole = this.#whole;
    if (!file || !workspace || !whole) return;
    await this.#guarded(async (requestId) => {
      const other = await workspace.link.load(new Uint8Array(await file.arrayBuffer()));
      try {
        const before = await this.#rewritten(whole, workspace);
        const after = await written(other, file.name, workspace.link);
        const difference = diff(before.view, after.view);
        this.#show({ before, after, difference, pulsed: undefined }, requestId);
      } finally {
        other.dispose();
      }
    });
  }

  #choose(pulse: number) {
    if (!Number.isInteger(pulse) || pulse < 1) return;
    this.pulse = pulse;
    void this.#compare();
  }

  readonly #key = (event: KeyboardEvent) => {
    const typing = (event.target as HTMLElement).closest(
      "input, textarea, select, .cm-panel, nnef-python",
    );
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "n") this.#step(1);
    else if (event.key === "p") this.#step(-1);
  };

  #step(by: number) {
    const changes = this.comparison?.difference.changes ?? [];
    if (changes.length === 0) return;
    this.at = (this.at + by + changes.length + (this.at < 0 && by < 0 ? 1 : 0)) % changes.length;
    emit(this, "nnef-select", { name: changes[this.at]?.name });
  }

  #list(comparison: Comparison) {
    const { changes, lines } = comparison.difference;
    return html`<details class="compare-list">
      <summary>${changes.length + lines.length} changes</summary>
      <ul class="plain">
        ${lines.map(
          ({
            kind,
            name,
            before,
            after,
          }) => html`<li data-kind=${kind}><span class="waiting">${before === undefined ? "+" : after === undefined ? "−" : "~"}</span>
          <span>${kind} ${kind === "extension" ? name.replace(/^tract_/, "") : html`${name} = ${after ?? before}`}</span></li>`,
        )}
        ${changes.map(
          (each, at) =>
            html`<li data-kind=${each.kind} aria-current=${at === this.at}>${line(each, () => {
              this.at = at;
              emit(this, "nnef-select", { name: each.name });
            })}</li>`,
        )}
      </ul>
    </details>`;
  }

  protected override render() {
    const { comparison, fault, symbol, pulse, busy } = this;
    const changes = comparison?.difference.changes.length ?? 0;
    return html`<div class="verb-strip">
      <form class="verb-controls" @submit=${(event: Event) => event.preventDefault()}>
        <span>Pulse</span>
        ${
          this.#symbols.length > 1
            ? html`<select aria-label="Symbol to pulse" @change=${(event: Event) => {
                this.symbol = (event.target as HTMLSelectElement).value;
                void this.#compare();
              }}>${this.#symbols.map((each) => html`<option ?selected=${each === symbol}>${each}</option>`)}</select>`
            : html`<b class="symbol">${symbol || "–"}</b>`
        }
        <span>=</span>
        <input class="pulse-input" type="number" min="1" max="4096" .value=${String(pulse)} aria-label="Frames per pulse" ?disabled=${!symbol}
          @change=${(event: Event) => this.#choose(Number((event.target as HTMLInputElement).value))} />
        <label class="button small">Compare with a file<input class="visually-hidden" type="file" accept=".tgz,.tar,.gz" @change=${this.#against} /></label>
      </form>
      <p class="verb-says" role="status">
        ${busy ? "Comparing…" : fault ? html`<b class="fault" aria-hidden="true">×</b> ${fault.message}.` : comparison ? sentenceOf(comparison.difference, comparison.pulsed) : symbol ? nothing : this.#symbols.length > 0 ? `Nothing in this bundle streams; ${this.#symbols.length > 1 ? "the sizes left open are" : "the size left open is"} ${this.#symbols.join(", ")}.` : "No size of this model is left open: there is nothing to pulse."}
        ${this.#possible.slice(0, 8).map((each) => html` <button class="button small" @click=${() => this.#choose(each)}>${each}</button>`)}
      </p>
      ${
        changes
          ? html`<div class="verb-steps">
        <button class="tool" @click=${() => this.#step(-1)} title="Previous change (p)" aria-label="Previous change">‹ p</button>
        <span class="pane-count">${this.at < 0 ? "" : `${this.at + 1} of `}${changes}</span>
        <button class="tool" @click=${() => this.#step(1)} title="Next change (n)" aria-label="Next change">n ›</button>
      </div>`
          : nothing
      }
      ${comparison ? this.#list(comparison) : nothing}
      ${fault ? html`<details class="compare-list"><summary>Details</summary><pre tabindex="0">${[fault.code, ...fault.causes].join("\n")}</pre></details>` : nothing}
    </div>`;
  }
}

function line({ kind, name, op, what, before, after }: Change, select: () => void) {
  const sign = kind === "added" ? "+" : kind === "removed" ? "−" : "~";
  const how =
    kind === "added" || kind === "removed"
      ? shortOp(op)
      : `${what ? `${what} ` : ""}${before} → ${after}`;
  return html`<span class="waiting">${sign}</span> <span><button class="name" @click=${select}>${name}</button> ${how}</span>`;
}
