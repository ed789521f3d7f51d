import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import type { Fault } from "../base/inspect-error.js";
import { bundlesOf, whenMade } from "../bundle/site-bundles.js";
import type { InspectorEvents } from "./base/events.js";
import { DropTarget } from "./open/drop-target.js";
import type { LiveSource } from "./run/live-session.js";
import { SelectionHistory } from "./selection-history.js";
import type { Overlay } from "./workspace/overlay.js";
import { openBundle, openFiles, openUrl, type Subject } from "./workspace/subject.js";
import { Workspace } from "./workspace/workspace.js";

export type Verb = "read" | "compare" | "run" | "python";
type Pane = "text" | "graph" | "details";

const VERBS: readonly (readonly [Verb, string])[] = [
  ["read", "Read"],
  ["compare", "Compare"],
  ["run", "Run"],
  ["python", "Python"],
];
const PANES: readonly (readonly [Pane, string])[] = [
  ["text", "Text"],
  ["graph", "Graph"],
  ["details", "Details"],
];

/**
 * `<nnef-inspector bundle | src>`: text, graph and details of a model, with the verbs Read, Compare, Run and Python.
 * Styled by `inspector.css`.
 */
export class NnefInspector extends LitElement {
  static override properties = {
    bundle: {},
    src: {},
    bundles: {},
    line: { type: Number },
    session: { attribute: false },
    verb: { state: true },
    pane: { state: true },
    hovered: { state: true },
    symbol: { state: true },
    overlay: { state: true },
    models: { state: true },
  };

  /** Folder of the bundle to open. */
  declare bundle: string | undefined;
  /** URL of an archive of this site to open instead. */
  declare src: string | undefined;
  /** Folder of the site's bundles with their index.json, for the list of models. */
  declare bundles: string | undefined;
  /** First line of the text to show. */
  declare line: number | undefined;
  /** A running `Session`: *Run* follows it if it runs the open model. */
  declare session: LiveSource | undefined;
  declare protected verb: Verb;
  declare protected pane: Pane;
  declare protected hovered: string | undefined;
  declare protected symbol: string | undefined;
  declare protected overlay: Overlay | undefined;
  declare protected models: readonly { readonly id: string; readonly title: string }[];

  readonly workspace = new Workspace();
  readonly #history = new SelectionHistory();
  readonly #dropped = new DropTarget(this, (name, files) => {
    void this.show(name, files.then(openFiles));
  });
  #requestId = 0;

  constructor() {
    super();
    this.verb = "read";
    this.pane = "graph";
    this.models = [];
    this.workspace.addEventListener("change", () => this.requestUpdate());
    this.addEventListener("nnef-select", (event) => this.select(detail(event, "nnef-select").name));
    this.addEventListener("nnef-hover", (event) => {
      this.hovered = detail(event, "nnef-hover").name;
    });
    this.addEventListener("nnef-symbol", (event) => {
      this.symbol = detail(event, "nnef-symbol").symbol;
    });
    this.addEventListener("nnef-overlay", (event) => {
      this.overlay = (event as CustomEvent<Overlay | undefined>).detail;
    });
    this.addEventListener("keydown", (event) => this.#key(event));
  }

  protected override createRenderRoot() {
    return this;
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.workspace.close();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has("src") && this.src) void this.show(lastOf(this.src), openUrl(this.src));
    else if (changed.has("bundle") && this.bundle) {
      void this.show(lastOf(this.bundle), openBundle(this.bundle));
    }
    if (changed.has("bundles") && this.bundles) void this.#list(this.bundles);
  }

  /** Python is beside the site's bundles. */
  get #pythonFolder(): string {
    const bundles = new URL(this.bundles ?? "../bundles/", document.baseURI);
    return new URL("../python/", bundles).href;
  }

  /** Whether a model has been requested. */
  get isRequested(): boolean {
    return this.#requestId > 0;
  }

  get selected(): string | undefined {
    return this.#history.now;
  }

  select(name: string | undefined) {
    this.#history.go(name);
    this.requestUpdate();
  }

  /** Opens a subject, shown as `name` while it loads. If it fails, the previous subject stays and the error is shown. */
  async show(name: string, opening: Promise<Subject>) {
    const requestId = ++this.#requestId;
    this.workspace.begin(name);
    try {
      const subject = await opening;
      // A newer request must win.
      if (requestId !== this.#requestId) return;
      this.#history.clear();
      this.overlay = undefined;
      await this.workspace.open(subject);
    } catch (error) {
      if (requestId === this.#requestId) this.workspace.fail(error);
    }
  }

  /** Lists the site's bundles. Without the list, files can still be opened. */
  async #list(folder: string) {
    const all = await bundlesOf(folder);
    this.models = all.filter((each) => each.state === "ready");
    // Bundles that are still being made are added as they become ready.
    const more = all.find((each) => each.state === "building");
    if (!more || !this.isConnected) return;
    await whenMade(new URL(`${more.id}/`, new URL(folder, document.baseURI)), () => undefined);
    await this.#list(folder);
  }

  #key(event: KeyboardEvent) {
    const typing = (event.target as HTMLElement).closest("input, textarea, select, nnef-python");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key !== "Backspace") return;
    this.#history.back();
    this.requestUpdate();
    event.preventDefault();
  }

  #choose(event: Event) {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    input.value = "";
    const [first] = files;
    if (first) void this.show(first.name, openFiles(files));
  }

  #selectVerb(verb: Verb) {
    this.verb = verb;
    if (verb === "read") this.overlay = undefined;
    if (verb === "compare" || verb === "run") this.pane = "graph";
  }

  #bar() {
    const { subject, file } = this.workspace;
    const isListed = this.models.some(({ id }) => id === subject?.bundle?.manifest.id);
    const here = this.bundle && lastOf(this.bundle);
    return html`<div class="inspector-bar">
      <div class="verbs" role="group" aria-label="Verbs">
        ${VERBS.map(([verb, name]) => html`<button class="verb" aria-pressed=${this.verb === verb} @click=${() => this.#selectVerb(verb)}>${name}</button>`)}
      </div>
      <div class="subject">
        ${
          this.models.length > 0 && this.bundles
            ? html`<select aria-label="Model" @change=${(event: Event) => this.#pick((event.target as HTMLSelectElement).value)}>
            ${isListed || !subject ? nothing : html`<option .selected=${live(true)} value="">${subject.title}</option>`}
            ${this.models.map(({ id, title }) => html`<option value=${id} .selected=${live(subject?.bundle?.manifest.id === id || (!subject && id === here))}>${title}</option>`)}
          </select>`
            : html`<span class="subject-name">${subject?.title ?? ""}</span>`
        }
        ${
          (subject?.archives.length ?? 0) > 1
            ? html`<select aria-label="Archive" @change=${(event: Event) => this.#archive((event.target as HTMLSelectElement).value)}>
            ${subject?.archives.map((each) => html`<option value=${each} .selected=${live(each === file)}>${each.replace(/\.nnef\.(tgz|tar)$/, "")}</option>`)}
          </select>`
            : nothing
        }
      </div>
      <span class="drop-hint">Drop a .nnef.tgz anywhere</span>
      ${this.#opener("Open")}
    </div>`;
  }

  #opener(label: string) {
    return html`<label class="button small">${label}<input type="file" multiple accept=".tgz,.tar,.gz,.nnef,.json,.safetensors" class="visually-hidden" @change=${this.#choose} /></label>`;
  }

  #pick(id: string) {
    if (!this.bundles || !id) return;
    const title = this.models.find((each) => each.id === id)?.title ?? id;
    const folder = new URL(`${id}/`, new URL(this.bundles, document.baseURI));
    void this.show(title, openBundle(folder));
  }

  #archive(file: string) {
    const { subject } = this.workspace;
    this.overlay = undefined;
    this.#history.clear();
    if (subject) void this.workspace.open(subject, file);
  }

  #strip(): TemplateResult | typeof nothing {
    const { workspace, verb } = this;
    if (verb === "compare") return html`<nnef-compare .workspace=${workspace}></nnef-compare>`;
    if (verb === "run")
      return html`<nnef-run .workspace=${workspace} .session=${this.session}></nnef-run>`;
    return nothing;
  }

  #fault(fault: Fault) {
    const report = [fault.code, fault.message, ...fault.causes].join("\n");
    return html`<div class="inspector-fault" role="alert" data-code=${fault.code}>
      <b aria-hidden="true">×</b>
      <p>${fault.message}.</p>
      ${this.workspace.view ? html`<button class="button small" @click=${() => this.workspace.dismissError()}>Keep the open model</button>` : this.#opener("Open another")}
      <details><summary>Details</summary><pre tabindex="0">${report}</pre></details>
    </div>`;
  }

  protected override render() {
    const { workspace, hovered, symbol, overlay, selected } = this;
    const view = overlay?.view ?? workspace.view;
    return html`
      ${this.#bar()} ${this.#strip()} ${workspace.fault ? this.#fault(workspace.fault) : nothing}
      <div class="pane-tabs" role="group" aria-label="Visible pane">
        ${PANES.map(
          ([pane, name]) =>
            html`<button class="verb" aria-pressed=${this.pane === pane} @click=${() => {
              this.pane = pane;
            }}>${name}</button>`,
        )}
      </div>
      <div class="panes" data-pane=${this.pane}>
        ${workspace.opening ? html`<p class="graph-notice opening" role="status">Opening ${workspace.opening}…</p>` : nothing}
        <section class="pane text" aria-label="Text">
          <nnef-text .view=${view} .source=${workspace.text} .selected=${selected} .hovered=${hovered} .symbol=${symbol} .line=${this.line}></nnef-text>
        </section>
        <section class="pane graph" aria-label="Graph">
          <nnef-graph .view=${view} .selected=${selected} .hovered=${hovered} .symbol=${symbol}
            .overlay=${overlay?.marks ?? {}} .pictures=${overlay?.pictures ?? false}></nnef-graph>
        </section>
        <section class="pane details" aria-label="Details">
          ${this.#engineLine()}
          <nnef-details .view=${view} .selected=${selected} .symbol=${symbol}
            .extras=${selected === undefined ? [] : (overlay?.extras(selected) ?? [])}></nnef-details>
        </section>
      </div>
      <nnef-python .workspace=${workspace} .folder=${this.#pythonFolder} ?open=${this.verb === "python"} .selected=${selected}
        @nnef-python-open=${() => this.#selectVerb("python")} @nnef-python-close=${() => this.#selectVerb("read")}></nnef-python>
      ${this.#dropped.over ? html`<div class="drop-here" aria-hidden="true">Drop the model here</div>` : nothing}`;
  }

  #engineLine() {
    const { engine, engineFault } = this.workspace;
    if (engine === "loading")
      return html`<p class="engine-line">The engine is computing the facts of the model…</p>`;
    if (!engineFault) return nothing;
    return html`<details class="engine-line waiting">
      <summary>Facts are those of the text: the engine cannot load this.</summary>
      <pre tabindex="0">${[engineFault.message, ...engineFault.causes].join("\n")}</pre>
    </details>`;
  }
}

/** Last path segment of a URL. */
const lastOf = (address: string): string => address.replace(/\/$/, "").split("/").at(-1) ?? "";

const detail = <Kind extends keyof InspectorEvents>(event: Event, _kind: Kind) =>
  (event as CustomEvent<InspectorEvents[Kind]>).detail;
