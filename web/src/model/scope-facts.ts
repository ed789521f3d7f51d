import { type EngineNode, engineNodes, type Facts, factsOfEngine } from "./facts.js";
import type { RawNode, Scope, WireName } from "./raw-graph.js";
import type { ModelView } from "./view.js";

/** Maximum nesting of opened fragments. */
export const MAX_NESTING = 8;
/** Maximum number of fragment uses searched for the facts of one wire. */
const MAX_USES = 400;

const identifier = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, "_");

/** A scope at one of its uses: the graph, a fragment at a call, or the body of a scan. */
export class ScopeInstance {
  readonly facts: Facts;
  readonly #view: ModelView;
  readonly #scope: Scope;
  /** The engine's nodes of this scope, under this scope's names. */
  readonly #nodes: readonly EngineNode[];

  private constructor(
    view: ModelView,
    scope: Scope,
    nodes: readonly EngineNode[],
    given: Facts = new Map(),
  ) {
    this.#view = view;
    this.#scope = scope;
    this.#nodes = nodes;
    this.facts = scope.name ? new Map([...given, ...factsOfEngine(scope, nodes)]) : view.facts;
  }

  static of(view: ModelView): ScopeInstance {
    return new ScopeInstance(view, view.scopes.graph, view.engine);
  }

  /** The fragment that a node runs; undefined if its body is not in this text. */
  inside(node: RawNode): ScopeInstance | undefined {
    const { fragment, op } = node;
    const scope = fragment === undefined ? undefined : this.#view.scopes.fragment(fragment);
    if (!scope) return undefined;
    if (op.endsWith("scan")) return new ScopeInstance(this.#view, scope, this.#body(node, scope));
    // The engine names a fragment's nodes `<wire>_<fragment>_<inner wire>`; the nodes that make its results
    // have the names of the wires they are assigned to.
    const makers = engineNodes(this.#scope, this.#nodes);
    const results = node.outputs.flatMap((wire, slot) => {
      const [maker, name] = [makers.get(wire), scope.outputs[slot]];
      return maker && name !== undefined ? [{ ...maker, name }] : [];
    });
    const nodes = [...stripped(this.#nodes, `${node.id}_${fragment}_`), ...results];
    const given = node.inputs.flatMap(({ role, wire }): [WireName, string][] => {
      const fact = this.facts.get(wire);
      return fact === undefined ? [] : [[role, fact]];
    });
    return new ScopeInstance(this.#view, scope, nodes, new Map(given));
  }

  /** Nodes of a scan's body. Computed nodes have the scan's name as a prefix; inputs do not. */
  #body({ outputs }: RawNode, scope: Scope): readonly EngineNode[] {
    const [first = ""] = outputs;
    const nodes = engineNodes(this.#scope, this.#nodes).get(first)?.body?.nodes ?? [];
    const inner = stripped(nodes, prefixOf(nodes, scope));
    const found = new Set(inner.map(({ id }) => id));
    return [...nodes.filter(({ id }) => !found.has(id)), ...inner];
  }

  /** Adds the facts of `wire` in every use of `fragment`. */
  collect(
    fragment: string,
    wire: WireName,
    into: Set<string>,
    budget: { left: number },
    depth = 0,
  ) {
    for (const node of this.#scope.nodes) {
      if (node.fragment === undefined || depth >= MAX_NESTING || budget.left-- <= 0) continue;
      const inner = this.inside(node);
      const fact = node.fragment === fragment ? inner?.facts.get(wire) : undefined;
      if (fact !== undefined) into.add(fact);
      inner?.collect(fragment, wire, into, budget, depth + 1);
    }
  }
}

/** The prefix of a body's node names: the name of its scan, even if the scan has another name now. */
function prefixOf(nodes: readonly EngineNode[], scope: Scope): string {
  const wires = scope.nodes.flatMap(({ op, outputs }) => (op === "external" ? [] : outputs));
  const counts = new Map<string, number>();
  for (const { name } of nodes) {
    const text = identifier(name);
    for (let at = text.indexOf("_"); at >= 0; at = text.indexOf("_", at + 1)) {
      const rest = text.slice(at + 1);
      if (!wires.some((wire) => rest === wire || rest.startsWith(`${wire}_`))) continue;
      const prefix = text.slice(0, at + 1);
      counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    }
  }
  const most = Math.max(0, ...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0] ?? "";
}

const stripped = (nodes: readonly EngineNode[], prefix: string): EngineNode[] => {
  if (prefix === "") return [];
  const before = identifier(prefix);
  return nodes.flatMap((node) => {
    const name = identifier(node.name);
    return name.startsWith(before) ? [{ ...node, name: name.slice(before.length) }] : [];
  });
};

/** Facts of a wire inside a fragment, over all uses of the fragment; each fact once. */
export function factsInside(view: ModelView, fragment: string, wire: WireName): string[] {
  const found = new Set<string>();
  ScopeInstance.of(view).collect(fragment, wire, found, { left: MAX_USES });
  return [...found];
}
