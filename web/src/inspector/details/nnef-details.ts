import { html, nothing, type TemplateResult } from "lit";
import { describe, spelled, totals } from "../../model/describe.js";
import { factParts, symbolsOf } from "../../model/facts.js";
import type { FoldedConstant, FoldedNode } from "../../model/fold.js";
import { labelOf } from "../../model/node-label.js";
import { propertiesOf } from "../../model/properties.js";
import type { Memory, RawNode, Scope } from "../../model/raw-graph.js";
import { factsInside } from "../../model/scope-facts.js";
import type { ModelView } from "../../model/view.js";
import { OPS, shortOp } from "../../nnef/ops.js";
import { emit } from "../base/events.js";
import { InspectorPart } from "../base/inspector-part.js";

/** Additional rows for the selected node, such as its share of the run time. */
export interface Extra {
  readonly label: string;
  readonly value: string | TemplateResult;
}

/** `<nnef-details>`: details of the selected name, or of the model if nothing is selected. */
export class NnefDetails extends InspectorPart {
  static override properties = {
    view: { attribute: false },
    selected: {},
    symbol: {},
    extras: { attribute: false },
  };

  declare view: ModelView | undefined;
  declare selected: string | undefined;
  declare symbol: string | undefined;
  declare extras: readonly Extra[];

  constructor() {
    super();
    this.extras = [];
  }

  protected override render() {
    const { view, selected } = this;
    if (!view) return nothing;
    const found = selected === undefined ? undefined : describe(view, selected);
    if (!found) return this.#model(view);
    return found.kind === "node"
      ? this.#node(view, found.node, found.scope)
      : this.#constant(view, found.raw, found.usedBy, found.scope);
  }

  #model(view: ModelView) {
    const { document, text } = view;
    const { parameters, operations, missing } = totals(view);
    const properties = propertiesOf(document, text);
    const counted = [...operations].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    return html`
      <h2 class="details-title">${view.title}</h2>
      <p class="muted">Select a name in the text or a node in the graph.</p>
      <dl class="rows">
        ${this.#ports(
          "input",
          view,
          document.graph.inputs.map((each) => each.name),
        )}
        ${this.#ports(
          "output",
          view,
          document.graph.outputs.map((each) => each.name),
        )}
        <dt>parameters</dt><dd>${parameters.toLocaleString("en")}</dd>
        ${missing ? html`<dt>missing</dt><dd class="waiting">${missing} ${missing === 1 ? "weight is" : "weights are"} not in this archive</dd>` : nothing}
      </dl>
      <h3>Extensions</h3>
      <ul class="plain">${shownExtensions(view).map(({ name, rest }) => html`<li><span class="muted">${name.replace(/^tract_/, "")}</span> ${this.#symbols(name, rest)}</li>`)}</ul>
      ${properties.size ? html`<h3>Properties</h3><dl class="rows">${[...properties].map(([key, value]) => html`<dt>${key}</dt><dd>${value}</dd>`)}</dl>` : nothing}
      <h3>Operations</h3>
      <dl class="rows">${counted.map(([op, count]) => html`<dt>${shortOp(op)}</dt><dd>${count}</dd>`)}</dl>`;
  }

  #ports(label: string, view: ModelView, names: readonly string[]) {
    return names.map((name) => {
      const wire = view.scopes.graph.aliases.get(name) ?? name;
      return html`<dt>${label}</dt><dd>${this.#name(name)} ${this.#fact(view.facts.get(wire))}</dd>`;
    });
  }

  #symbols(extension: string, rest: string) {
    return extension === "tract_symbol"
      ? html`<b class="symbol" @pointerenter=${() => emit(this, "nnef-symbol", { symbol: rest })}
          @pointerleave=${() => emit(this, "nnef-symbol", { symbol: undefined })}>${rest}</b>`
      : rest;
  }

  #node(view: ModelView, node: FoldedNode, scope: Scope) {
    const { raw, absorbed, inputs, constants, outputs } = node;
    const { title } = labelOf(node);
    const weights = constants.filter(({ isSize }) => !isSize);
    const sizes = constants.filter(({ isSize }) => isSize);
    const says = OPS.get(raw.op)?.says;
    const used = scope.nodes.filter((each) => each.inputs.some((it) => outputs.includes(it.wire)));
    return html`
      <h2 class="details-title">${title}</h2>
      <p class="details-name">${spelled(scope, raw.id)}</p>
      ${says ? html`<p class="details-says">${says}</p>` : nothing}
      ${raw.memory ? memoryLine(raw.memory) : nothing}
      <dl class="rows">${this.extras.map(({ label, value }) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>
      ${inputs.length ? html`<h3>Inputs</h3><dl class="rows">${inputs.map(({ role, wire }) => html`<dt>${role}</dt><dd>${this.#name(spelled(scope, wire))} ${this.#factIn(view, scope, wire)}</dd>`)}</dl>` : nothing}
      ${this.#constants("Weights", view, scope, weights)} ${this.#constants("Sizes", view, scope, sizes)}
      ${raw.attributes.length ? html`<h3>Attributes</h3><dl class="rows">${raw.attributes.map(({ name, text }) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>` : nothing}
      ${absorbed.length ? html`<h3>Followed by</h3><dl class="rows">${absorbed.map((each) => html`<dt>${shortOp(each.op)}</dt><dd>${this.#name(spelled(scope, each.id))}</dd>`)}</dl>` : nothing}
      <h3>Outputs</h3>
      <dl class="rows">${outputs.map((wire) => html`<dt>output</dt><dd>${this.#name(spelled(scope, wire))} ${this.#factIn(view, scope, wire)}</dd>`)}
        ${used.length ? html`<dt>used by</dt><dd>${used.map((each) => html`${this.#name(spelled(scope, each.id))} `)}</dd>` : nothing}
      </dl>`;
  }

  #constants(title: string, view: ModelView, scope: Scope, list: readonly FoldedConstant[]) {
    if (list.length === 0) return nothing;
    return html`<h3>${title}</h3><dl class="rows">${list.map((each) => this.#weight(view, scope, each))}</dl>`;
  }

  #weight(view: ModelView, scope: Scope, { role, wire, chain, isSize }: FoldedConstant) {
    if (isSize) {
      const how = chain.map((each) => shortOp(each.op)).join(", ");
      return html`<dt>${role}</dt><dd>${this.#name(spelled(scope, wire))} <span class="muted">by ${how}</span></dd>`;
    }
    const { constant } = chain[0] ?? {};
    const [, ...changed] = chain;
    const how = changed.map((each) => shortOp(each.op)).join(", ");
    const what = constant?.label ? view.tensors.get(constant.label) : undefined;
    const fact =
      what && "header" in what
        ? [...what.header.shape, what.header.dtype].join(",")
        : constant?.shape?.join(",");
    return html`<dt>${role}</dt>
      <dd>${this.#name(spelled(scope, chain[0]?.id ?? wire), constant?.label)} ${this.#fact(fact)} ${constant?.text ?? (constant ? nothing : chain[0]?.attributes[0]?.text)}
        ${how ? html`<span class="muted">then ${how}</span>` : nothing}</dd>`;
  }

  #constant(view: ModelView, raw: RawNode, usedBy: readonly string[], scope: Scope) {
    const { constant } = raw;
    const title =
      raw.op === "variable" ? "weight" : raw.op === "constant" ? "constant" : shortOp(raw.op);
    return html`
      <h2 class="details-title">${title}</h2>
      <p class="details-name">${constant?.label ?? spelled(scope, raw.id)}</p>
      ${constant?.label ? html`<nnef-tensor .view=${view} .label=${constant.label}></nnef-tensor>` : nothing}
      ${constant?.text ? html`<pre class="values">${constant.text}</pre>` : nothing}
      <dl class="rows">
        ${raw.inputs.map(({ role, wire }) => html`<dt>${role}</dt><dd>${this.#name(spelled(scope, wire))}</dd>`)}
        ${raw.attributes.filter(({ name }) => name !== "label" && name !== "shape").map(({ name, text }) => html`<dt>${name}</dt><dd>${text}</dd>`)}
        <dt>used by</dt><dd>${usedBy.map((each) => html`${this.#name(spelled(scope, each))} `)}</dd>
      </dl>`;
  }

  #factIn(view: ModelView, scope: Scope, wire: string) {
    if (!scope.name) return this.#fact(view.facts.get(wire));
    return factsInside(view, scope.name, wire).map((fact) => this.#fact(fact));
  }

  #fact(fact: string | undefined) {
    if (!fact) return nothing;
    return html`<span class="fact">${factParts(fact).map(({ text, symbol }) =>
      symbol
        ? html`<b class=${text === this.symbol ? "lit" : ""}
            @pointerenter=${() => emit(this, "nnef-symbol", { symbol: text })}
            @pointerleave=${() => emit(this, "nnef-symbol", { symbol: undefined })}>${text}</b>`
        : text,
    )}</span>`;
  }

  #name(name: string, shown = name.slice(name.lastIndexOf("/") + 1)) {
    return html`<button class="name" @click=${() => emit(this, "nnef-select", { name })}
      @pointerenter=${() => emit(this, "nnef-hover", { name })}
      @pointerleave=${() => emit(this, "nnef-hover", { name: undefined })}>${shown}</button>`;
  }
}

/** Hides symbols that no fact uses: the engine's writer declares temporary ones. */
function shownExtensions({ document, facts }: ModelView) {
  const used = new Set([...facts.values()].flatMap(symbolsOf));
  return document.extensions.filter(({ name, rest }) => name !== "tract_symbol" || used.has(rest));
}

function memoryLine(memory: Memory) {
  const says =
    memory.kind === "delay"
      ? `Keeps ${memory.delay + memory.overlap} frames of axis ${memory.axis}: lags by ${memory.delay}, carries ${memory.overlap} earlier ones.`
      : "Keeps a state between pulses.";
  return html`<p class="details-state"><span class="state-mark" aria-hidden="true"></span>${says}</p>`;
}
