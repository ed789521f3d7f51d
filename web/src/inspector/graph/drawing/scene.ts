import { type FoldedNode, fold } from "../../../model/fold.js";
import { labelOf } from "../../../model/node-label.js";
import type { Memory, Scope } from "../../../model/raw-graph.js";
import { MAX_NESTING, ScopeInstance } from "../../../model/scope-facts.js";
import type { ModelView } from "../../../model/view.js";

/** A node to lay out. `id` is unique in the drawing, `name` is that of the selection. */
export interface SceneNode {
  readonly id: string;
  /** `wire`, or `fragment/wire` inside a fragment. */
  readonly name: string;
  readonly kind: "input" | "output" | "op";
  readonly title: string;
  readonly detail: string;
  readonly badge: string | undefined;
  readonly memory: Memory | undefined;
  /** The fragment that it runs, which can be opened. */
  readonly fragment: string | undefined;
  /** The opened node that contains it. */
  readonly group: string | undefined;
  readonly folded: FoldedNode | undefined;
}

export interface SceneEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Name of the wire, as in the selection. */
  readonly wire: string;
  /** Fact of the wire; empty if unknown. */
  readonly fact: string;
}

export interface SceneGroup {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly group: string | undefined;
}

export interface Scene {
  readonly nodes: readonly SceneNode[];
  readonly edges: readonly SceneEdge[];
  readonly groups: readonly SceneGroup[];
}

/** Maximum nodes of a drawing. */
export const MOST_NODES = 20_000;

/** The scene of a model. `opened` contains the ids of nodes whose fragment is shown. */
export function sceneOf(view: ModelView, opened: ReadonlySet<string>): Scene {
  const building = new Building(view, opened);
  building.scope(view.scopes.graph, ScopeInstance.of(view), undefined, 0);
  return building;
}

class Building implements Scene {
  readonly nodes: SceneNode[] = [];
  readonly edges: SceneEdge[] = [];
  readonly groups: SceneGroup[] = [];
  readonly #view: ModelView;
  readonly #opened: ReadonlySet<string>;

  constructor(view: ModelView, opened: ReadonlySet<string>) {
    this.#view = view;
    this.#opened = opened;
  }

  /** Adds the nodes of a scope; returns the drawn node of each wire. */
  scope(
    scope: Scope,
    reach: ScopeInstance | undefined,
    group: string | undefined,
    depth: number,
    known?: ReadonlySet<string>,
  ): Map<string, string> {
    const at = (name: string) => (group === undefined ? name : `${group}/${name}`);
    const named = (name: string) => (scope.name ? `${scope.name}/${name}` : name);
    const makers = new Map<string, string>();
    const folded = fold(scope, known);
    for (const node of folded) {
      const inner = this.#open(node, at(node.raw.id), reach, group, depth, named);
      for (const wire of node.outputs) makers.set(wire, inner.get(wire) ?? at(node.raw.id));
    }
    for (const node of folded) {
      const to = at(node.raw.id);
      for (const { wire, role } of node.inputs) {
        const from = makers.get(wire);
        const target = this.#entries.get(to)?.get(role) ?? this.#entries.get(to)?.get("") ?? to;
        if (from !== undefined) this.#edge(from, target, named(wire), reach?.facts.get(wire));
      }
    }
    if (group === undefined) this.#outputs(scope, makers);
    return makers;
  }

  /** Entry points of an opened node, by role. */
  readonly #entries = new Map<string, Map<string, string>>();

  #open(
    node: FoldedNode,
    id: string,
    reach: ScopeInstance | undefined,
    group: string | undefined,
    depth: number,
    named: (name: string) => string,
  ): Map<string, string> {
    const { fragment } = node.raw;
    const body = fragment === undefined ? undefined : this.#view.scopes.fragment(fragment);
    const room = depth < MAX_NESTING && this.nodes.length < MOST_NODES;
    if (!body || !room || !this.#opened.has(id)) {
      this.nodes.push(this.#node(node, id, group, named));
      return new Map();
    }
    this.groups.push({ id, name: named(node.raw.id), title: fragment ?? "", group });
    const weights = new Set(node.constants.map((each) => each.role));
    const makers = this.scope(body, reach?.inside(node.raw), id, depth + 1, weights);
    this.#entries.set(id, new Map(body.inputs.map((name) => [name, `${id}/${name}`])));
    const results = resultsOf(node, body).map((wire) => makers.get(wire));
    const outputs = node.outputs.map((wire, slot) => [wire, results[slot] ?? id] as const);
    return new Map(outputs);
  }

  #node(
    node: FoldedNode,
    id: string,
    group: string | undefined,
    named: (name: string) => string,
  ): SceneNode {
    const face = labelOf(node);
    return {
      id,
      name: named(node.raw.id),
      kind: node.raw.op.endsWith("external") ? "input" : "op",
      ...face,
      memory: node.raw.memory,
      fragment: node.raw.fragment,
      group,
      folded: node,
    };
  }

  #edge(from: string, to: string, wire: string, fact = "") {
    this.edges.push({ id: `${this.edges.length}`, from, to, wire, fact });
  }

  #outputs(scope: Scope, makers: ReadonlyMap<string, string>) {
    const given = this.#view.document.graph.outputs;
    scope.outputs.forEach((wire, slot) => {
      const from = makers.get(wire);
      const name = given[slot]?.name ?? wire;
      const id = `→${name}`;
      this.nodes.push({
        id,
        name: wire,
        kind: "output",
        title: "output",
        detail: name,
        badge: undefined,
        memory: undefined,
        fragment: undefined,
        group: undefined,
        folded: undefined,
      });
      if (from !== undefined) this.#edge(from, id, wire, this.#view.facts.get(wire));
    });
  }
}

/** The body's wire of each output of a node; for a scan, its attribute gives their names. */
function resultsOf({ raw }: FoldedNode, body: Scope): readonly string[] {
  const written = raw.attributes.find(({ name }) => name === "output")?.text;
  if (!raw.op.endsWith("scan") || written === undefined) return body.outputs;
  return [...written.matchAll(/\(\s*["']([^"']+)["']/g)].map(([, name = ""]) => {
    return body.aliases.get(name) ?? name;
  });
}
