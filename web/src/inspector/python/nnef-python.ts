import type { EditorView } from "@codemirror/view";
import { html, LitElement, nothing, type PropertyValues } from "lit";
import { readPalette } from "../../look/drawing/palette.js";
import { emit } from "../base/events.js";
import type { Workspace } from "../workspace/workspace.js";
import { EXAMPLES } from "./examples.js";
import { type FromPython, type Shown, totalBytes } from "./protocol.js";
import { PythonSession } from "./session.js";

interface Line {
  readonly kind: "print" | "error" | "note" | "shown";
  readonly text: string;
  readonly shown?: Shown;
}

/** Colours of Python's `colour`, by meaning. */
const COLOURS = [
  "page",
  "panel",
  "ink",
  "muted",
  "probability",
  "speech",
  "state",
  "delay",
  "symbol",
  "fault",
] as const;
/** Maximum lines of output. */
const MOST_LINES = 400;

/** `<nnef-python>`: Python on the open model. Nothing is loaded before it is opened. */
export class NnefPython extends LitElement {
  static override properties = {
    workspace: { attribute: false },
    folder: {},
    open: { type: Boolean },
    selected: {},
    code: {},
    lines: { state: true },
    bytes: { state: true },
  };

  declare workspace: Workspace | undefined;
  /** Folder of Pyodide and the wheels, relative to the document. */
  declare folder: string;
  declare open: boolean;
  declare selected: string | undefined;
  /** Initial code of the cell; setting it replaces the edited code. */
  declare code: string | undefined;
  declare protected lines: readonly Line[];
  /** Bytes to load, once known. */
  declare protected bytes: number | undefined;

  #session: PythonSession | undefined;
  #editor: EditorView | undefined;
  #given: Uint8Array | undefined;
  /** Object URLs by the SVG they show: rendering again makes no new one. */
  readonly #pictures = new Map<string, string>();
  readonly #changed = () => void this.#give();

  constructor() {
    super();
    this.folder = "../python/";
    this.open = false;
    this.lines = [];
  }

  protected override createRenderRoot() {
    return this;
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.workspace?.removeEventListener("change", this.#changed);
    this.#session?.close();
    this.#editor?.destroy();
    for (const url of this.#pictures.values()) URL.revokeObjectURL(url);
    this.#pictures.clear();
  }

  protected override updated(changed: PropertyValues<this>) {
    if (changed.has("folder")) void this.#weigh();
    if (changed.has("workspace")) this.workspace?.addEventListener("change", this.#changed);
    if (changed.has("open") && this.open) void this.#begin();
    if (changed.has("code") && this.code !== undefined) this.#write(this.code);
  }

  /** Reads the sizes of the files to load, without loading them. */
  async #weigh() {
    this.#session?.close();
    this.#session = new PythonSession(new URL(this.folder, document.baseURI), (message) =>
      this.#hear(message),
    );
    const files = await this.#session.files().catch(() => undefined);
    this.bytes = files && totalBytes(files);
  }

  async #begin() {
    void this.#session?.start();
    void this.#give();
    const host = this.querySelector<HTMLElement>(".python-editor");
    if (!host || this.#editor) return;
    const { cellEditor } = await import("./cell-editor.js");
    this.#editor ??= cellEditor(host, this.code ?? EXAMPLES[0]?.code ?? "", () => void this.#run());
  }

  /** Passes the open files to Python. */
  async #give() {
    const { subject, file, bytes } = this.workspace ?? {};
    if (!this.#session || !subject || !file || !bytes || bytes === this.#given) return;
    this.#given = bytes;
    const names = [...new Set([...subject.archives, "manifest.json", "reference.safetensors"])];
    const files = await Promise.all(
      names.map(async (name) => ({
        name,
        bytes: name === file ? bytes : await subject.read(name).catch(() => undefined),
      })),
    );
    if (this.#given !== bytes) return;
    this.#session.open({
      title: subject.title,
      file,
      files: files.flatMap((each) => (each.bytes ? [{ name: each.name, bytes: each.bytes }] : [])),
    });
  }

  #hear(message: FromPython | undefined) {
    if (message?.type === "print") {
      this.#print({ kind: message.isError ? "error" : "print", text: message.text });
    } else if (message?.type === "raised") this.#print({ kind: "error", text: message.text });
    else if (message?.type === "failed")
      this.#print({ kind: "error", text: message.fault.message });
    else if (message?.type === "done" && message.shown) {
      this.#print({ kind: "shown", text: "", shown: message.shown });
    } else if (message?.type === "select") emit(this, "nnef-select", { name: message.name });
    this.requestUpdate();
  }

  #print(line: Line) {
    this.lines = [...this.lines, line].slice(-MOST_LINES);
  }

  async #run() {
    const { state } = this.#session ?? {};
    if (!this.#editor || state?.kind !== "ready") return;
    const palette = readPalette(this);
    const colours = Object.fromEntries(COLOURS.map((name) => [name, palette[name]]));
    this.lines = [];
    this.#session?.run(this.#editor.state.sliceDoc(), this.selected, colours);
  }

  async #stop() {
    this.#print({
      kind: "note",
      text: "Stopped. The cell is as it was; variables are lost. Python starts again.",
    });
    await this.#session?.restart();
  }

  #example(event: Event) {
    const chosen = EXAMPLES[Number((event.target as HTMLSelectElement).value)];
    if (chosen) this.#write(chosen.code);
  }

  #write(code: string) {
    const { doc } = this.#editor?.state ?? {};
    if (doc) this.#editor?.dispatch({ changes: { from: 0, to: doc.length, insert: code } });
  }

  #output({ kind, text, shown }: Line) {
    if (shown?.kind === "table") {
      return html`<table class="python-table">
        ${shown.columns.length ? html`<thead><tr>${shown.columns.map((each) => html`<th scope="col">${each}</th>`)}</tr></thead>` : nothing}
        <tbody>${shown.rows.map((row) => html`<tr>${row.map((each) => html`<td>${each}</td>`)}</tr>`)}</tbody>
      </table>`;
    }
    if (shown?.kind === "svg")
      return html`<img class="python-svg" alt="Drawing by the cell" src=${this.#picture(shown.text)} />`;
    return html`<pre class="python-line" data-kind=${kind}>${shown?.text ?? text}</pre>`;
  }

  /** An SVG shown as an image cannot run scripts. */
  #picture(text: string): string {
    const known = this.#pictures.get(text);
    // A part that was removed is still rendered once: a URL made then would never be freed.
    if (known !== undefined || !this.isConnected) return known ?? "";
    const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    this.#pictures.set(text, url);
    return url;
  }

  #state() {
    const state = this.#session?.state ?? { kind: "off" as const };
    switch (state.kind) {
      case "loading": {
        const share = Math.min(1, state.loaded / Math.max(1, state.total));
        const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
        return html`<progress max="1" value=${share}></progress> <span class="figure">${megabytes(state.loaded)} of ${megabytes(state.total)} MB</span>`;
      }
      case "ready":
        return html`<span class="passed">ready</span>${state.version ? html` <span class="muted">Pyodide ${state.version}, ${(state.ms / 1000).toFixed(1)} s</span>` : html` <span class="muted">${Math.round(state.ms)} ms</span>`}`;
      case "running":
        return html`<span class="waiting">running…</span>`;
      case "failed":
        return html`<span class="fault">× ${state.fault.message}</span>`;
      case "off":
        return nothing;
    }
  }

  protected override render() {
    const state = this.#session?.state.kind ?? "off";
    return html`
      <div class="python-bar">
        <button class="verb" aria-expanded=${this.open} @click=${() => this.dispatchEvent(new Event(this.open ? "nnef-python-close" : "nnef-python-open"))}>
          ${this.open ? "▾" : "▸"} Python</button>
        ${this.open ? this.#state() : html`<span class="muted">${this.bytes === undefined ? "not on this site" : `${Math.ceil(this.bytes / 1e6)} MB, loaded when used`}</span>`}
        ${
          this.open
            ? html`<div class="python-tools">
            <select aria-label="Example" @change=${this.#example}>${EXAMPLES.map(({ name }, at) => html`<option value=${at}>${name}</option>`)}</select>
            <button class="button small filled" ?disabled=${state !== "ready"} @click=${this.#run} title="Run (Ctrl+Enter)">Run</button>
            <button class="button small" ?disabled=${state !== "running" && state !== "ready"} @click=${this.#stop}>Stop</button>
          </div>`
            : nothing
        }
      </div>
      <div class="python-body" ?hidden=${!this.open}>
        <div class="python-editor"></div>
        <div class="python-output" role="log" aria-label="Output" tabindex="0">
          ${this.lines.length ? this.lines.map((line) => this.#output(line)) : html`<p class="muted">At hand: <code>bundle</code>, <code>graph</code>, <code>selected</code>, <code>diff(a, b)</code>, <code>select(name)</code>, <code>table</code>, <code>bars</code>, <code>svg</code>, and <code>import tract</code>: this page's engine under the names of PyPI's package.</p>`}
        </div>
      </div>`;
  }
}
