import { type FoldedConstant, type FoldedNode, fold } from "./fold.js";
import type { RawNode, Scope } from "./raw-graph.js";
import type { ModelView } from "./view.js";

/** What a selected name refers to. */
export type Described =
  | { readonly kind: "node"; readonly node: FoldedNode; readonly scope: Scope }
  | {
      readonly kind: "constant";
      readonly raw: RawNode;
      readonly usedBy: readonly string[];
      readonly scope: Scope;
    };

/** Cache: folding a scope always gives the same result. */
const folds = new WeakMap<Scope, readonly FoldedNode[]>();

export function foldedOf(scope: Scope): readonly FoldedNode[] {
  const known = folds.get(scope) ?? fold(scope);
  folds.set(scope, known);
  return known;
}

/** Finds the node or constant of a selected name, folded or not. */
export function describe(view: ModelView, name: string): Described | undefined {
  const slash = name.lastIndexOf("/");
  const scope = slash < 0 ? view.scopes.graph : view.scopes.fragment(name.slice(0, slash));
  if (!scope) return undefined;
  const local = name.slice(slash + 1);
  const wire = scope.aliases.get(local) ?? local;
  const nodes = foldedOf(scope);
  const node = nodes.find(({ raw, absorbed }) =>
    [raw, ...absorbed].some((each) => each.outputs.includes(wire)),
  );
  if (node) return { kind: "node", node, scope };
  const raw = scope.nodes.find((each) => each.outputs.includes(wire));
  if (!raw) return undefined;
  const uses = (constant: FoldedConstant) =>
    constant.chain.some((each) => each.outputs.includes(wire));
  const usedBy = nodes.flatMap((each) => (each.constants.some(uses) ? [each.raw.id] : []));
  return { kind: "constant", raw, usedBy, scope };
}

/** The name of a scope's wire as used in the selection. */
export const spelled = (scope: Scope, wire: string): string =>
  scope.name ? `${scope.name}/${wire}` : wire;

/** Totals of a model. */
export interface Totals {
  readonly parameters: number;
  readonly operations: ReadonlyMap<string, number>;
  readonly missing: number;
}

export function totals(view: ModelView): Totals {
  const operations = new Map<string, number>();
  let [parameters, missing] = [0, 0];
  for (const { op, constant } of view.scopes.graph.nodes) {
    if (op === "variable") {
      parameters += (constant?.shape ?? []).reduce((product, dim) => product * dim, 1);
      if (constant?.label === undefined || !view.tensors.has(constant.label)) missing++;
    } else if (op !== "constant" && !op.endsWith("external")) {
      operations.set(op, (operations.get(op) ?? 0) + 1);
    }
  }
  return { parameters, operations, missing };
}
