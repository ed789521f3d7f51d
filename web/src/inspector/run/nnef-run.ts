import { html, LitElement, nothing, type PropertyValues } from "lit";
import { type Fault, faultOf } from "../errors.js";
import { lay } from "../overlay.js";
import type { Workspace } from "../workspace.js";
import type { SoundSource } from "./live.js";
import { type Cost, costs, overlayOf } from "./overlay.js";
import { prepareRun } from "./prepare.js";
import type { Runner, Snapshot } from "./runner.js";

/** Pulses a second. */
const SPEEDS = [1, 4, 16, 60] as const;

/** `<nnef-run>`: runs the open model a pulse at a time and shows what flows and what is kept. */
export class NnefRun extends LitElement {
  static override properties = {
    workspace: { attribute: false },
    heard: { attribute: false },
    runner: { state: true },
    fault: { state: true },
    playing: { state: true },
    busy: { state: true },
    speed: { state: true },
    snapshot: { state: true },
    at: { state: true },
  };

  declare workspace: Workspace | undefined;
  /** A running stream to follow, instead of the reference. */
  declare heard: SoundSource | undefined;
  declare protected runner: Runner | undefined;
  declare protected fault: Fault | undefined;
  declare protected playing: boolean;
  declare protected busy: boolean;
  declare protected speed: number;
  declare protected snapshot: Snapshot | undefined;
  /** Pulses run, to draw anew. */
  declare protected at: number;

  #turn = 0;
  #bytes: Uint8Array | undefined;
  #cost: ReadonlyMap<string, Cost> | undefined;
  readonly #changed = () => {
    if (this.workspace?.bytes !== this.#bytes) void this.#begin();
  };

  constructor() {
    super();
    this.playing = false;
    this.busy = false;
    this.speed = 4;
    this.at = 0;
  }

  protected override createRenderRoot() {
    return this;
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#turn++;
    this.playing = false;
    this.workspace?.removeEventListener("change", this.#changed);
    this.snapshot?.state.dispose();
    this.runner?.dispose();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (!changed.has("workspace") && !changed.has("heard")) return;
    this.workspace?.addEventListener("change", this.#changed);
    void this.#begin();
  }

  async #begin(heard: File | SoundSource | undefined = this.heard) {
    const { workspace } = this;
    if (!workspace?.bytes || !workspace.view) return;
    const turn = ++this.#turn;
    this.#bytes = workspace.bytes;
    this.playing = false;
    this.busy = true;
    this.snapshot?.state.dispose();
    this.snapshot = undefined;
    this.runner?.dispose();
    this.runner = undefined;
    this.fault = undefined;
    this.#cost = undefined;
    try {
      const runner = await prepareRun(workspace, heard);
      if (turn !== this.#turn) return runner.dispose();
      this.runner = runner;
      this.#show();
      if (runner.pulses === undefined) void this.#play();
      const profile = await runner.profile();
      if (turn === this.#turn && profile) {
        this.#cost = costs(runner.view, profile);
        this.#show();
      }
    } catch (error) {
      if (turn === this.#turn) this.fault = faultOf(error);
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }

  #show() {
    if (!this.runner) return;
    this.at = this.runner.at;
    lay(this, overlayOf(this.runner, this.#cost));
  }

  async #guarded(what: (runner: Runner) => Promise<unknown>): Promise<boolean> {
    const { runner } = this;
    if (!runner) return false;
    const turn = this.#turn;
    try {
      const went = await what(runner);
      if (turn !== this.#turn) return false;
      this.#show();
      return went !== false;
    } catch (error) {
      if (turn === this.#turn) this.fault = faultOf(error);
      return false;
    }
  }

  async #step() {
    if (!(await this.#guarded((runner) => runner.step()))) this.playing = false;
  }

  async #play() {
    this.playing = !this.playing;
    while (this.playing) {
      const began = performance.now();
      await this.#step();
      if (this.runner?.pulses === undefined) continue;
      const rest = 1000 / this.speed - (performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, rest)));
    }
  }

  async #reset() {
    this.playing = false;
    this.fault = undefined;
    await this.#guarded((runner) => runner.reset());
  }

  async #keep() {
    await this.#guarded(async (runner) => {
      this.snapshot?.state.dispose();
      this.snapshot = await runner.snapshot();
    });
  }

  async #return() {
    const { snapshot } = this;
    if (snapshot) await this.#guarded((runner) => runner.restore(snapshot));
  }

  #listen(event: Event) {
    const input = event.target as HTMLInputElement;
    const [file] = input.files ?? [];
    input.value = "";
    if (file) void this.#begin(file);
  }

  #says() {
    const { fault, runner } = this;
    if (fault) return html`<b class="fault" aria-hidden="true">×</b> ${fault.message}.`;
    if (!runner) return this.busy ? "Preparing a plan that keeps every value…" : nothing;
    const { error, tolerance = 0, pulses, input } = runner;
    const where =
      pulses === 1
        ? this.at
          ? "Run once"
          : "Not run yet"
        : pulses === undefined
          ? `Pulse ${this.at}`
          : `Pulse ${this.at} of ${pulses}`;
    const off = error !== undefined && error > tolerance;
    const held =
      error === undefined
        ? nothing
        : html` · <span class=${off ? "fault" : "passed"}>${off ? "× leaves" : "✓ equals"} the reference</span>, off by ${Number(error.toPrecision(2)).toExponential()} at most`;
    return html`<span class="figure">${where}</span> · ${input}${held}`;
  }

  protected override render() {
    const { runner, playing, snapshot, fault } = this;
    const audio = this.workspace?.subject?.bundle?.manifest.audio;
    const done = runner?.pulses !== undefined && this.at >= runner.pulses;
    return html`<div class="verb-strip">
      <div class="verb-controls">
        <button class="button small" ?disabled=${!runner} @click=${this.#reset}>Reset</button>
        <button class="button small" ?disabled=${!runner || playing || done} @click=${this.#step}>Step</button>
        <button class="button small filled" ?disabled=${!runner || done} aria-pressed=${playing} @click=${this.#play}>${playing ? "Pause" : "Play"}</button>
        <select aria-label="Speed" @change=${(event: Event) => {
          this.speed = Number((event.target as HTMLSelectElement).value);
        }}>${SPEEDS.map((each) => html`<option value=${each} ?selected=${each === this.speed}>${each} / s</option>`)}</select>
        <button class="button small" ?disabled=${!runner} @click=${this.#keep}>Snapshot</button>
        ${snapshot ? html`<button class="button small" @click=${this.#return}>Back to ${snapshot.at}</button>` : nothing}
        ${audio ? html`<label class="button small">Sound…<input class="spoken" type="file" accept="audio/*,.wav" @change=${this.#listen} /></label>` : nothing}
      </div>
      <p class="verb-says" role="status">${this.#says()}</p>
      ${fault ? html`<details class="compare-list"><summary>Details</summary><pre tabindex="0">${[fault.code, ...fault.causes].join("\n")}</pre></details>` : nothing}
    </div>`;
  }
}
