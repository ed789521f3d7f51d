import { type EngineNode, engineNodes, type Facts, factsOfEngine } from "./facts.js";
import type { RawNode, Scope, WireName } from "./raw.js";
import type { ModelView } from "./view.js";

/** Opened fragments nest this deep at most. */
export const NESTING = 8;
/** Fragments that are looked into for one wire's facts. */
const MOST_LOOKED_INTO = 400;

const identifier = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, "_");

/** One scope where it is run: the graph, a fragment at one of its uses, a scan's body. */
export class Reach {
  readonly facts: Facts;
  readonly #view: ModelView;
  readonly #scope: Scope;
  /** The engine's nodes of this scope, as this scope names them. */
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

  static of(view: ModelView): Reach {
    return new Reach(view, view.scopes.graph, view.engine);
  }

  /** The fragment a node runs; undefined where it runs none that is written here. */
  inside(node: RawNode): Reach | undefined {
    const { fragment, op } = node;
    const scope = fragment === undefined ? undefined : this.#view.scopes.fragment(fragment);
    if (!scope) return undefined;
    if (op.endsWith("scan")) return new Reach(this.#view, scope, this.#body(node, scope));
    // A fragment's nodes lie among those around it: `<wire>_<fragment>_<wire inside>`; but those that
    // make its results have the names of the wires they are given to.
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
    return new Reach(this.#view, scope, nodes, new Map(given));
  }

  /** A scan's body: what is computed there has the scan's name before its own, what is given has not. */
  #body({ outputs }: RawNode, scope: Scope): readonly EngineNode[] {
    const [first = ""] = outputs;
    const nodes = engineNodes(this.#scope, this.#nodes).get(first)?.body?.nodes ?? [];
    const inner = stripped(nodes, prefixOf(nodes, scope));
    const found = new Set(inner.map(({ id }) => id));
    return [...nodes.filter(({ id }) => !found.has(id)), ...inner];
  }

  /** Adds what `wire` of `fragment` carries, wherever it is run within. */
  collect(
    fragment: string,
    wire: WireName,
    into: Set<string>,
    budget: { left: number },
    depth = 0,
  ) {
    for (const node of this.#scope.nodes) {
      if (node.fragment === undefined || depth >= NESTING || budget.left-- <= 0) continue;
      const inner = this.inside(node);
      const fact = node.fragment === fragment ? inner?.facts.get(wire) : undefined;
      if (fact !== undefined) into.add(fact);
      inner?.collect(fragment, wire, into, budget, depth + 1);
    }
  }
}

/** What stands before the names of a body's wires: its scan's own name, which the scan may have lost since. */
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

/** What a wire inside a fragment carries, wherever the fragment is run; each fact once. */
export function factsInside(view: ModelView, fragment: string, wire: WireName): string[] {
  const found = new Set<string>();
  Reach.of(view).collect(fragment, wire, found, { left: MOST_LOOKED_INTO });
  return [...found];
}
