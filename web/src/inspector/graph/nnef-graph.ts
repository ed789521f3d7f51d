import { html, nothing, type PropertyValues } from "lit";
import { InspectError } from "../../base/inspect-error.js";
import { yieldToMain } from "../../base/yield-to-main.js";
import { symbolsOf } from "../../model/facts.js";
import type { ModelView } from "../../model/view.js";
import { emit } from "../base/events.js";
import { InspectorPart } from "../base/inspector-part.js";
import { accessibleNodes } from "./accessible-nodes.js";
import { type Marks, NO_MARKS } from "./drawing/graph-marks.js";
import { type Placed, type PlacedNode, placedOf, taskOf } from "./drawing/placed.js";
import { MOST_NODES, type Scene, type SceneEdge, sceneOf } from "./drawing/scene.js";
import { Stage } from "./drawing/stage.js";
import { drawnNodeOf } from "./drawn-node.js";
import { ARROW_DIRECTIONS, stepFrom } from "./keyboard-steps.js";
import { Layouter } from "./layout/layouter.js";
import { saveAs } from "./save-as.js";
import { findIn } from "./search.js";

/** A layout that takes longer can be cancelled. */
const SLOW_MS = 1000;

/** `<nnef-graph>`: the graph of a model. Styled by `inspector.css`. */
export class NnefGraph extends InspectorPart {
  static override properties = {
    view: { attribute: false },
    selected: {},
    hovered: {},
    symbol: {},
    overlay: { attribute: false },
    pictures: { type: Boolean },
    state: { state: true },
    query: { state: true },
  };

  /** The model to draw. */
  declare view: ModelView | undefined;
  declare selected: string | undefined;
  declare hovered: string | undefined;
  declare symbol: string | undefined;
  /** Marks over the drawing: comparison, values and costs. */
  declare overlay: Partial<Marks>;
  /** Whether to leave room on wires for pictures of their values. */
  declare pictures: boolean;
  declare protected state: "placing" | "slow" | "placed" | "cancelled" | "failed";
  declare protected query: string;

  readonly #layouter = new Layouter();
  #opened = new Set<string>();
  #stage: Stage | undefined;
  #scene: Scene | undefined;
  #placed: Placed | undefined;
  #current: PlacedNode | undefined;
  #fault = "";
  #pressed = { x: 0, y: 0 };

  constructor() {
    super();
    this.overlay = {};
    this.pictures = false;
    this.state = "placing";
    this.query = "";
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#layouter.cancel();
    this.#stage?.dispose();
    this.#stage = undefined;
  }

  protected override updated(changed: PropertyValues<this>) {
    const canvas = this.querySelector("canvas");
    if (!this.#stage && canvas) this.#stage = new Stage(canvas);
    const model = changed.get("view");
    if (changed.has("view") && model?.text !== this.view?.text) {
      this.#opened = new Set();
      this.#current = undefined;
      // The drawing on screen is of another model: keyboard steps must not use it.
      this.#placed = undefined;
      // A layout of that model may still be running.
      this.#scene = undefined;
      this.state = "placing";
      if (!this.view) this.#stage?.clear();
    }
    if (changed.has("view") || changed.has("pictures")) void this.#place();
    if (changed.has("selected")) this.#follow();
    this.#mark();
  }

  /** The whole drawing as an SVG file. */
  svg(): Blob | undefined {
    return this.#stage?.svg(this.view?.title ?? "graph");
  }

  async #place(anchor = this.#current?.id) {
    const { view } = this;
    if (!view || !this.#stage) return;
    await document.fonts.ready;
    await yieldToMain();
    if (view !== this.view) return;
    const scene = sceneOf(view, this.#opened);
    this.#scene = scene;
    await yieldToMain();
    if (scene !== this.#scene || !this.#stage) return;
    if (scene.nodes.length > MOST_NODES) {
      this.#fault = `The graph has ${scene.nodes.length} nodes; at most ${MOST_NODES} are drawn.`;
      this.state = "failed";
      return;
    }
    const change = this.overlay.wireChange;
    const label = (edge: SceneEdge): string => {
      const both = change?.({ ...edge, points: [], label: undefined, bounds: NOWHERE });
      return both ? `${both.before} → ${both.after}` : edge.fact;
    };
    const task = taskOf(scene, this.#stage.measure, label, this.pictures);
    const slow = setTimeout(() => {
      this.state = "slow";
    }, SLOW_MS);
    const same = this.#placed !== undefined && anchor !== undefined;
    if (!same) this.state = "placing";
    try {
      const layout = await this.#layouter.run(task);
      if (scene !== this.#scene) return;
      this.#placed = placedOf(scene, task, layout);
      this.#stage?.show(this.#placed, anchor);
      this.state = "placed";
      const current = this.#current;
      if (current && !this.#placed.byId.has(current.id)) {
        this.#current = this.#placed.nodes.find(({ group }) => group === current.id);
        if (this.#current) this.#stage?.reveal(this.#current);
      }
      this.requestUpdate();
      this.#follow();
      this.dispatchEvent(new Event("nnef-placed", { bubbles: true }));
    } catch (error) {
      if (!(error instanceof InspectError)) throw error;
      if (scene !== this.#scene || this.state === "cancelled") return;
      this.#fault = error.message;
      this.state = "failed";
    } finally {
      clearTimeout(slow);
    }
    this.#mark();
  }

  #cancel() {
    this.state = "cancelled";
    this.#layouter.cancel();
  }

  #mark() {
    if (!this.#stage) return;
    const found = this.#scene && findIn(this.#scene, this.query);
    const { selected, hovered, symbol } = this;
    this.#stage.marks = {
      ...NO_MARKS,
      ...this.overlay,
      selected: this.#drawnName(selected),
      hovered: this.#drawnName(hovered),
      symbol,
      found,
    };
  }

  /** The drawn node of a name, or of the node it is folded into. */
  #drawnName(name: string | undefined): string | undefined {
    if (name === undefined) return undefined;
    return drawnNodeOf(this.#placed, name)?.name ?? name;
  }

  #follow() {
    const node = this.selected === undefined ? undefined : drawnNodeOf(this.#placed, this.selected);
    if (!node || node === this.#current) return;
    this.#current = node;
    this.#stage?.reveal(node);
    this.requestUpdate();
  }

  #open(node: PlacedNode | undefined) {
    if (!node?.fragment) return;
    this.#opened.add(node.id);
    void this.#place(node.id);
  }

  #close(id = [...this.#opened].at(-1)) {
    if (id === undefined) return;
    for (const each of this.#opened) {
      if (each === id || each.startsWith(`${id}/`)) this.#opened.delete(each);
    }
    void this.#place(id);
  }

  #press(event: PointerEvent) {
    this.#pressed = { x: event.clientX, y: event.clientY };
  }

  #click(event: MouseEvent) {
    const moved = Math.hypot(event.clientX - this.#pressed.x, event.clientY - this.#pressed.y);
    if (moved > 4) return;
    const { node, edge, group } = this.#stage?.under(event) ?? {};
    if (group) this.#close(group.id);
    if (node) this.#current = node;
    emit(this, "nnef-select", { name: node?.name ?? edge?.wire });
  }

  #move(event: PointerEvent) {
    if (event.buttons) return;
    const { node, edge } = this.#stage?.under(event) ?? {};
    const name = node?.name ?? edge?.wire;
    if (name !== this.hovered) emit(this, "nnef-hover", { name });
    const symbols = edge ? symbolsOf(edge.fact) : [];
    const symbol = symbols.length === 1 ? symbols[0] : undefined;
    if (symbol !== this.symbol) emit(this, "nnef-symbol", { symbol });
  }

  #key(event: KeyboardEvent) {
    const direction = ARROW_DIRECTIONS[event.key];
    const first = this.#placed?.nodes[0];
    if (direction && this.#placed) {
      const next = this.#current ? stepFrom(this.#placed, this.#current, direction) : first;
      if (next) this.#go(next);
    } else if (event.key === "Home" && first) this.#go(first);
    else if (event.key === "Enter") {
      if (this.#current?.fragment) this.#open(this.#current);
      else if (this.#current) emit(this, "nnef-select", { name: this.#current.name });
    } else if (event.key === "Escape") this.#close();
    else if (event.key === "+" || event.key === "=") this.#stage?.zoom(1.25);
    else if (event.key === "-") this.#stage?.zoom(0.8);
    else if (event.key === "0") this.#stage?.fit();
    else return;
    event.preventDefault();
  }

  #go(node: PlacedNode) {
    this.#current = node;
    this.#stage?.reveal(node);
    emit(this, "nnef-select", { name: node.name });
    this.requestUpdate();
  }

  #seek(event: KeyboardEvent) {
    if (event.key !== "Enter") return;
    const found = this.#scene && findIn(this.#scene, this.query);
    const hits = (this.#placed?.nodes ?? []).filter((node) => found?.has(node.name));
    const at = hits.findIndex((node) => node.name === this.selected);
    const next = hits[(at + (event.shiftKey ? hits.length - 1 : 1)) % Math.max(1, hits.length)];
    if (next) this.#go(next);
  }

  #save() {
    const file = this.svg();
    if (!file) return;
    saveAs(file, `${(this.view?.title ?? "graph").replace(/[^\w.-]+/g, "-")}.svg`);
  }

  #notice() {
    if (this.state === "slow") {
      return html`<div class="graph-notice" role="status">Laying out ${this.#scene?.nodes.length} nodes…
        <button class="button small" @click=${this.#cancel}>Cancel</button></div>`;
    }
    if (this.state === "cancelled") {
      return html`<div class="graph-notice" role="status">The layout was cancelled.
        <button class="button small" @click=${() => this.#place()}>Lay out again</button></div>`;
    }
    return this.state === "failed"
      ? html`<div class="graph-notice fault" role="alert"><b aria-hidden="true">×</b> ${this.#fault}</div>`
      : nothing;
  }

  protected override render() {
    const found = this.#scene && findIn(this.#scene, this.query);
    return html`
      <div class="pane-bar">
        <input class="pane-find" type="search" placeholder="Find in graph" aria-label="Find in graph"
          .value=${this.query}
          @input=${(event: InputEvent) => {
            this.query = (event.target as HTMLInputElement).value;
          }}
          @keydown=${this.#seek} />
        <span class="pane-count" role="status">${found ? `${found.size} found` : nothing}</span>
        <button class="tool" @click=${() => this.#stage?.zoom(0.8)} aria-label="Smaller" title="Smaller (-)">−</button>
        <button class="tool" @click=${() => this.#stage?.zoom(1.25)} aria-label="Larger" title="Larger (+)">+</button>
        <button class="tool" @click=${() => this.#stage?.fit()} title="Show the whole graph (0)">Fit</button>
        <button class="tool" @click=${this.#save} title="Save as SVG">SVG</button>
      </div>
      <div class="graph-stage" tabindex="0" role="listbox" aria-label="Nodes of the graph"
        aria-activedescendant="nnef-graph-current" aria-busy=${this.state !== "placed"}
        @keydown=${this.#key}>
        <canvas aria-hidden="true" @pointerdown=${this.#press} @click=${this.#click} @pointermove=${this.#move}
          @pointerleave=${() => emit(this, "nnef-hover", { name: undefined })}
          @dblclick=${(event: MouseEvent) => this.#open(this.#stage?.under(event).node)}></canvas>
        <div class="visually-hidden">${accessibleNodes(this.#placed?.nodes ?? [], this.#current)}</div>
      </div>
      ${this.#notice()}`;
  }
}

const NOWHERE = { x: 0, y: 0, width: 0, height: 0 };
