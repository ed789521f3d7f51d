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
    if (op.endsWith("scan")) return new Reach(this.#view, scope, this.#body(node));
    // A fragment's nodes lie among those around it: `<wire>_<fragment>_<wire inside>`.
    const nodes = stripped(this.#nodes, `${node.id}_${fragment}_`);
    const given = node.inputs.flatMap(({ role, wire }): [WireName, string][] => {
      const fact = this.facts.get(wire);
      return fact === undefined ? [] : [[role, fact]];
    });
    return new Reach(this.#view, scope, nodes, new Map(given));
  }

  /** A scan's body: what is computed there has the scan's name before its own, what is given has not. */
  #body({ outputs }: RawNode): readonly EngineNode[] {
    const [first = ""] = outputs;
    const scan = engineNodes(this.#scope, this.#nodes).get(first);
    const nodes = scan?.body?.nodes ?? [];
    const inner = stripped(nodes, `${scan?.name}_`);
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

const stripped = (nodes: readonly EngineNode[], prefix: string): EngineNode[] => {
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
