import type { Graph, GraphNode, Profile } from "tract-wasm";

/** Counts equal values. */
export function counted(kinds: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** Nodes and time of one kind of node in each plan; undefined if a plan has none. */
export interface Cost {
  readonly op: string;
  readonly plans: readonly ({ readonly count: number; readonly ms: number } | undefined)[];
}

/** Costs by kind of node, the slowest first. */
export function costsOf(profiles: readonly Profile[]): readonly Cost[] {
  const each = profiles.map(({ nodes }) => {
    const costs = new Map<string, { count: number; ms: number }>();
    for (const { op, ms } of nodes) {
      const cost = costs.get(op) ?? { count: 0, ms: 0 };
      costs.set(op, { count: cost.count + 1, ms: cost.ms + ms });
    }
    return costs;
  });
  const ops = [...new Set(each.flatMap((costs) => [...costs.keys()]))];
  const slowest = (op: string) => Math.max(...each.map((costs) => costs.get(op)?.ms ?? 0));
  return ops
    .sort((a, b) => slowest(b) - slowest(a))
    .map((op) => ({ op, plans: each.map((costs) => costs.get(op)) }));
}

/** Kinds of nodes whose number differs: `Reshape 43 → 0`. */
export function countChanges(costs: readonly Cost[]): readonly string[] {
  return costs.flatMap(({ op, plans: [before, after] }) =>
    before?.count === after?.count ? [] : [`${op} ${before?.count ?? 0} → ${after?.count ?? 0}`],
  );
}

/** A node on the path from input to output. */
export interface PathStep {
  readonly node: GraphNode;
  /** Shape of its output: a number or an expression for each axis. */
  readonly shape: readonly (number | string)[];
}

/** The longest path from the first input to the first output, ignoring constants. */
export function longestPath({ nodes, inputs, outputs }: Graph): readonly PathStep[] {
  const paths = new Map<
    number,
    { readonly node: GraphNode; readonly from: number; steps: number }
  >();
  for (const node of nodes) {
    if (node.id === inputs[0]?.node) {
      paths.set(node.id, { node, from: -1, steps: 0 });
      continue;
    }
    const [best] = node.inputs
      .flatMap((input) => {
        const known = paths.get(input.node);
        return known ? [{ from: input.node, steps: known.steps + 1 }] : [];
      })
      .sort((a, b) => b.steps - a.steps);
    if (best) paths.set(node.id, { node, ...best });
  }
  const path: PathStep[] = [];
  for (let at = outputs[0]?.node ?? -1; at >= 0; ) {
    const step = paths.get(at);
    if (!step) break;
    path.unshift({ node: step.node, shape: step.node.outputs[0]?.shape ?? [] });
    at = step.from;
  }
  return path;
}

/** The steps at which a shape appears for the first time. */
export function firstOfEachShape(steps: readonly PathStep[]): readonly PathStep[] {
  const seen = new Set<string>();
  return steps.filter(({ shape }) => {
    const text = shape.join(",");
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew;
  });
}
