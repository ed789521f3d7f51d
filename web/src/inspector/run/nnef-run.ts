import { html, LitElement, nothing, type PropertyValues } from "lit";
import { type Fault, faultOf } from "../../base/inspect-error.js";
import { emit } from "../base/events.js";
import { setOverlay } from "../workspace/overlay.js";
import type { Workspace } from "../workspace/workspace.js";
import { isSameModel, type LiveSource, listen } from "./live-session.js";
import { type Input, prepareRun } from "./prepare-run.js";
import { type Cost, costs, overlayOf } from "./run-overlay.js";
import { comparisonDetails, runStatus } from "./run-status.js";
import type { SessionFollower } from "./session-follower.js";
import type { Snapshot, StepRunner } from "./step-runner.js";
import { Stepper } from "./stepper.js";

/** Pulses per second. */
const SPEEDS = [1, 4, 16, 60] as const;

/** Sources of input. */
type Source = "reference" | "file" | "microphone" | "session";

/** `<nnef-run>`: runs the open model pulse by pulse; shows the values on wires and the state of nodes. */
export class NnefRun extends LitElement {
  static override properties = {
    workspace: { attribute: false },
    session: { attribute: false },
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
  /** A running session of this page; it is followed if it runs the open model. */
  declare session: LiveSource | undefined;
  declare protected run: StepRunner | SessionFollower | undefined;
  declare protected source: Source;
  declare protected fault: Fault | undefined;
  declare protected playing: boolean;
  /** Text shown while waiting. */
  declare protected busy: string;
  declare protected speed: number;
  declare protected snapshot: Snapshot | undefined;
  /** Pulses run; changes trigger a new drawing. */
  declare protected at: number;

  #requestId = 0;
  #bytes: Uint8Array | undefined;
  #cost: ReadonlyMap<string, Cost> | undefined;
  #frame = 0;
  readonly #stepper = new Stepper(
    () => this.#withRunner((runner) => runner.step()),
    () => {
      this.playing = this.#stepper.isPlaying;
    },
  );
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
    this.#requestId++;
    this.workspace?.removeEventListener("change", this.#changed);
    this.#disposeRun();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (!changed.has("workspace") && !changed.has("session")) return;
    this.workspace?.addEventListener("change", this.#changed);
    void this.#begin();
  }

  get #followedSession(): LiveSource | undefined {
    const { session, workspace } = this;
    return session && isSameModel(session, workspace?.subject?.bundle) ? session : undefined;
  }

  /** Follows the page's session if it runs this model; otherwise runs the reference. */
  async #begin() {
    const source = this.#followedSession;
    if (source) {
      const live = { source, name: "this page’s session", close: () => {} };
      await this.#prepare("session", async () => ({ kind: "live", live }));
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
    const requestId = ++this.#requestId;
    this.#bytes = workspace.bytes;
    this.#disposeRun();
    this.source = source;
    this.fault = undefined;
    this.#cost = undefined;
    this.busy = waiting ?? "Preparing a plan that keeps all values…";
    try {
      const chosen = await input();
      const release = () => chosen.kind === "live" && chosen.live.close();
      if (requestId !== this.#requestId) return void release();
      // A microphone that no run follows would stay on.
      const run = await prepareRun(workspace, chosen).catch((error: unknown) => {
        release();
        throw error;
      });
      if (requestId !== this.#requestId) return run.dispose();
      this.run = run;
      this.#show();
      if (run.kind === "follows") this.#follow(run);
      const profile = await run.profile();
      if (requestId === this.#requestId && profile) {
        this.#cost = costs(run.view, profile);
        this.#show();
      }
    } catch (error) {
      if (requestId === this.#requestId) this.fault = faultOf(error);
    } finally {
      if (requestId === this.#requestId) this.busy = "";
    }
  }

  #disposeRun() {
    this.#stepper.pause();
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
    setOverlay(this, overlayOf(this.run, this.#cost));
  }

  /** Redraws at most once per frame of the screen. */
  #follow(run: SessionFollower) {
    this.playing = true;
    run.start(() => {
      this.#frame ||= requestAnimationFrame(() => {
        this.#frame = 0;
        if (this.run === run) this.#show();
      });
    });
  }

  async #withRunner(action: (runner: StepRunner) => Promise<unknown>): Promise<boolean> {
    const { run } = this;
    if (run?.kind !== "steps") return false;
    const requestId = this.#requestId;
    try {
      const result = await action(run);
      if (requestId !== this.#requestId) return false;
      this.#show();
      return result !== false;
    } catch (error) {
      if (requestId === this.#requestId) this.fault = faultOf(error);
      return false;
    }
  }

  async #play() {
    if (this.run?.kind === "follows") {
      if (this.playing) this.run.stop();
      else this.#follow(this.run);
      this.playing = !this.playing;
      return;
    }
    if (this.#stepper.isPlaying) this.#stepper.pause();
    else await this.#stepper.play(() => this.speed);
  }

  async #reset() {
    this.fault = undefined;
    if (this.run?.kind === "follows") {
      this.run.reset();
      this.#show();
      return;
    }
    this.#stepper.pause();
    await this.#stepper.after(() => this.#withRunner((runner) => runner.reset()));
  }

  async #takeSnapshot() {
    const keep = async (runner: StepRunner) => {
      this.snapshot?.state.dispose();
      this.snapshot = await runner.snapshot();
    };
    await this.#stepper.after(() => this.#withRunner(keep));
  }

  async #restoreSnapshot() {
    const { snapshot } = this;
    if (!snapshot) return;
    await this.#stepper.after(() => this.#withRunner((runner) => runner.restore(snapshot)));
  }

  #status() {
    const { fault, run, busy } = this;
    if (fault) return html`<b class="fault" aria-hidden="true">×</b> ${fault.message}.`;
    return run ? runStatus(run) : busy || nothing;
  }

  /** Buttons for the sources: the reference, and sound if the bundle takes it. */
  #inputs() {
    const { bundle } = this.workspace?.subject ?? {};
    if (!bundle?.manifest.audio) return nothing;
    const choice = (source: Source, name: string, choose: () => void) =>
      html`<button class="button small" aria-pressed=${this.source === source} @click=${choose}>${name}</button>`;
    const reference = () => void this.#prepare("reference", async () => ({ kind: "reference" }));
    return html`<div class="verb-controls" role="group" aria-label="Input">
      ${this.#followedSession ? choice("session", "This page", () => void this.#begin()) : nothing}
      ${choice("reference", "Reference", reference)}
      <label class="button small" data-chosen=${this.source === "file"}>Sound file<input class="visually-hidden" type="file" accept="audio/*,.wav" @change=${this.#open} /></label>
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
        <button class="button small" ?disabled=${!steps || playing || done} @click=${() => void this.#stepper.step()}>Step</button>
        <button class="button small filled" ?disabled=${!run || done} aria-pressed=${playing} @click=${this.#play}>${playing ? "Pause" : "Play"}</button>
        <select aria-label="Speed" ?disabled=${follows} @change=${(event: Event) => {
          this.speed = Number((event.target as HTMLSelectElement).value);
        }}>${SPEEDS.map((each) => html`<option value=${each} ?selected=${each === this.speed}>${each} / s</option>`)}</select>
        <button class="button small" ?disabled=${!steps} @click=${this.#takeSnapshot}>Snapshot</button>
        ${snapshot ? html`<button class="button small" @click=${this.#restoreSnapshot}>Back to ${snapshot.at}</button>` : nothing}
      </div>
      ${this.#inputs()}
      <p class="verb-says" role="status">${this.#status()}</p>
      ${run && !fault ? comparisonDetails(run, (name) => emit(this, "nnef-select", { name })) : nothing}
      ${fault ? html`<details class="compare-list"><summary>Details</summary><pre tabindex="0">${[fault.code, ...fault.causes].join("\n")}</pre></details>` : nothing}
    </div>`;
  }
}
