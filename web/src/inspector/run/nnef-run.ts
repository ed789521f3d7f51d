import { html, LitElement, nothing, type PropertyValues } from "lit";
import { type Fault, faultOf } from "../../base/inspect-error.js";
import { emit } from "../base/events.js";
import { lay } from "../workspace/overlay.js";
import type { Workspace } from "../workspace/workspace.js";
import type { Follower } from "./follower.js";
import { type LiveSource, listen, runs } from "./live.js";
import { type Cost, costs, overlayOf } from "./overlay.js";
import { type Input, prepareRun } from "./prepare.js";
import type { Runner, Snapshot } from "./runner.js";
import { comparedWith, saysOf } from "./says.js";

/** Pulses a second. */
const SPEEDS = [1, 4, 16, 60] as const;

/** What can be chosen to run on. */
type Source = "reference" | "file" | "microphone" | "heard";

/** `<nnef-run>`: runs the open model a pulse at a time and shows what flows and what is kept. */
export class NnefRun extends LitElement {
  static override properties = {
    workspace: { attribute: false },
    heard: { attribute: false },
    run: { state: true },
    source: { state: true },
    fault: { state: true },
    playing: { state: true },
    busy: { state: true },
    speed: { state: true },
    snapshot: { state: true },
    at: { state: true },
  };

  declare workspace: Workspace | undefined;
  /** A stream that runs in this page: it is followed where it runs the model that is open. */
  declare heard: LiveSource | undefined;
  declare protected run: Runner | Follower | undefined;
  declare protected source: Source;
  declare protected fault: Fault | undefined;
  declare protected playing: boolean;
  /** What is being waited for, in words. */
  declare protected busy: string;
  declare protected speed: number;
  declare protected snapshot: Snapshot | undefined;
  /** Pulses run, to draw anew. */
  declare protected at: number;

  #turn = 0;
  #bytes: Uint8Array | undefined;
  #cost: ReadonlyMap<string, Cost> | undefined;
  #frame = 0;
  readonly #changed = () => {
    if (this.workspace?.bytes !== this.#bytes) void this.#begin();
  };

  constructor() {
    super();
    this.source = "reference";
    this.playing = false;
    this.busy = "";
    this.speed = 4;
    this.at = 0;
  }

  protected override createRenderRoot() {
    return this;
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#turn++;
    this.workspace?.removeEventListener("change", this.#changed);
    this.#drop();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (!changed.has("workspace") && !changed.has("heard")) return;
    this.workspace?.addEventListener("change", this.#changed);
    void this.#begin();
  }

  get #follows(): LiveSource | undefined {
    const { heard, workspace } = this;
    return heard && runs(heard, workspace?.subject?.bundle) ? heard : undefined;
  }

  /** Runs on what the page hears, where it runs this model; else on the reference. */
  async #begin() {
    const source = this.#follows;
    if (source) {
      const live = { source, name: "what this page hears", close: () => {} };
      await this.#prepare("heard", async () => ({ kind: "live", live }));
    } else await this.#prepare("reference", async () => ({ kind: "reference" }));
  }

  async #listen() {
    const bundle = this.workspace?.subject?.bundle;
    if (!bundle) return;
    await this.#prepare(
      "microphone",
      async () => ({ kind: "live", live: await listen(bundle) }),
      "Waiting for your permission to use the microphone…",
    );
  }

  async #open(event: Event) {
    const input = event.target as HTMLInputElement;
    const [file] = input.files ?? [];
    input.value = "";
    if (file) await this.#prepare("file", async () => ({ kind: "file", file }));
  }

  async #prepare(source: Source, input: () => Promise<Input>, waiting?: string) {
    const { workspace } = this;
    if (!workspace?.bytes || !workspace.view) return;
    const turn = ++this.#turn;
    this.#bytes = workspace.bytes;
    this.#drop();
    this.source = source;
    this.fault = undefined;
    this.#cost = undefined;
    this.busy = waiting ?? "Preparing a plan that keeps every value…";
    try {
      const chosen = await input();
      if (turn !== this.#turn) {
        if (chosen.kind === "live") chosen.live.close();
        return;
      }
      const run = await prepareRun(workspace, chosen);
      if (turn !== this.#turn) return run.dispose();
      this.run = run;
      this.#show();
      if (run.kind === "follows") this.#follow(run);
      const profile = await run.profile();
      if (turn === this.#turn && profile) {
        this.#cost = costs(run.view, profile);
        this.#show();
      }
    } catch (error) {
      if (turn === this.#turn) this.fault = faultOf(error);
    } finally {
      if (turn === this.#turn) this.busy = "";
    }
  }

  #drop() {
    this.playing = false;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.snapshot?.state.dispose();
    this.snapshot = undefined;
    this.run?.dispose();
    this.run = undefined;
  }

  #show() {
    if (!this.run) return;
    this.at = this.run.at;
    lay(this, overlayOf(this.run, this.#cost));
  }

  /** Draws a stream as often as the screen does, however fast it runs. */
  #follow(run: Follower) {
    this.playing = true;
    run.follow(() => {
      this.#frame ||= requestAnimationFrame(() => {
        this.#frame = 0;
        if (this.run === run) this.#show();
      });
    });
  }

  async #guarded(what: (runner: Runner) => Promise<unknown>): Promise<boolean> {
    const { run } = this;
    if (run?.kind !== "steps") return false;
    const turn = this.#turn;
    try {
      const went = await what(run);
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
    if (this.run?.kind === "follows") {
      if (this.playing) this.run.rest();
      else this.#follow(this.run);
      this.playing = !this.playing;
      return;
    }
    this.playing = !this.playing;
    while (this.playing) {
      const began = performance.now();
      await this.#step();
      const rest = 1000 / this.speed - (performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, rest)));
    }
  }

  async #reset() {
    this.fault = undefined;
    if (this.run?.kind === "follows") {
      this.run.reset();
      this.#show();
      return;
    }
    this.playing = false;
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

  #says() {
    const { fault, run, busy } = this;
    if (fault) return html`<b class="fault" aria-hidden="true">×</b> ${fault.message}.`;
    return run ? saysOf(run) : busy || nothing;
  }

  /** What can be run on: the reference, and sound where the bundle takes it. */
  #inputs() {
    const { bundle } = this.workspace?.subject ?? {};
    if (!bundle?.manifest.audio) return nothing;
    const choice = (source: Source, name: string, choose: () => void) =>
      html`<button class="button small" aria-pressed=${this.source === source} @click=${choose}>${name}</button>`;
    const reference = () => void this.#prepare("reference", async () => ({ kind: "reference" }));
    return html`<div class="verb-controls" role="group" aria-label="Input">
      ${this.#follows ? choice("heard", "This page", () => void this.#begin()) : nothing}
      ${choice("reference", "Reference", reference)}
      <label class="button small" data-chosen=${this.source === "file"}>Sound file<input class="spoken" type="file" accept="audio/*,.wav" @change=${this.#open} /></label>
      ${choice("microphone", "Microphone", () => void this.#listen())}
    </div>`;
  }

  protected override render() {
    const { run, playing, snapshot, fault } = this;
    const steps = run?.kind === "steps" ? run : undefined;
    const follows = run?.kind === "follows";
    const done = steps !== undefined && this.at >= steps.pulses;
    return html`<div class="verb-strip">
      <div class="verb-controls">
        <button class="button small" ?disabled=${!run} @click=${this.#reset}>Reset</button>
        <button class="button small" ?disabled=${!steps || playing || done} @click=${this.#step}>Step</button>
        <button class="button small filled" ?disabled=${!run || done} aria-pressed=${playing} @click=${this.#play}>${playing ? "Pause" : "Play"}</button>
        <select aria-label="Speed" ?disabled=${follows} @change=${(event: Event) => {
          this.speed = Number((event.target as HTMLSelectElement).value);
        }}>${SPEEDS.map((each) => html`<option value=${each} ?selected=${each === this.speed}>${each} / s</option>`)}</select>
        <button class="button small" ?disabled=${!steps} @click=${this.#keep}>Snapshot</button>
        ${snapshot ? html`<button class="button small" @click=${this.#return}>Back to ${snapshot.at}</button>` : nothing}
      </div>
      ${this.#inputs()}
      <p class="verb-says" role="status">${this.#says()}</p>
      ${run && !fault ? comparedWith(run, (name) => emit(this, "nnef-select", { name })) : nothing}
      ${fault ? html`<details class="compare-list"><summary>Details</summary><pre tabindex="0">${[fault.code, ...fault.causes].join("\n")}</pre></details>` : nothing}
    </div>`;
  }
}
