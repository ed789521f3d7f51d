import type { Graph, GraphNode, Profile } from "tract-wasm";

/** How many there are of each kind. */
export function counted(kinds: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** What one kind of operation costs in two plans; undefined where a plan has none of it. */
export interface Cost {
  readonly op: string;
  readonly plans: readonly ({ readonly count: number; readonly ms: number } | undefined)[];
}

/** By kind of operation, the dearest first. */
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
  const dearest = (op: string) => Math.max(...each.map((costs) => costs.get(op)?.ms ?? 0));
  return ops
    .sort((a, b) => dearest(b) - dearest(a))
    .map((op) => ({ op, plans: each.map((costs) => costs.get(op)) }));
}

/** Operations whose number differs: `Reshape 43 → 0`. */
export function changes(costs: readonly Cost[]): readonly string[] {
  return costs.flatMap(({ op, plans: [before, after] }) =>
    before?.count === after?.count ? [] : [`${op} ${before?.count ?? 0} → ${after?.count ?? 0}`],
  );
}

/** One wire on the way from input to output. */
export interface Station {
  readonly node: GraphNode;
  /** The shape, a number or an expression for each axis. */
  readonly shape: readonly (number | string)[];
}

/** The longest way from the first input to the first output, constants left aside. */
export function wayThrough({ nodes, inputs, outputs }: Graph): readonly Station[] {
  const way = new Map<number, { readonly node: GraphNode; readonly from: number; steps: number }>();
  for (const node of nodes) {
    if (node.id === inputs[0]?.node) {
      way.set(node.id, { node, from: -1, steps: 0 });
      continue;
    }
    const [best] = node.inputs
      .flatMap((input) => {
        const known = way.get(input.node);
        return known ? [{ from: input.node, steps: known.steps + 1 }] : [];
      })
      .sort((a, b) => b.steps - a.steps);
    if (best) way.set(node.id, { node, ...best });
  }
  const found: Station[] = [];
  for (let at = outputs[0]?.node ?? -1; at >= 0; ) {
    const step = way.get(at);
    if (!step) break;
    found.unshift({ node: step.node, shape: step.node.outputs[0]?.shape ?? [] });
    at = step.from;
  }
  return found;
}

/** Those at which the shape is one that was not there before. */
export function newShapes(stations: readonly Station[]): readonly Station[] {
  const seen = new Set<string>();
  return stations.filter(({ shape }) => {
    const text = shape.join(",");
    const isNew = !seen.has(text);
    seen.add(text);
    return isNew;
  });
}
