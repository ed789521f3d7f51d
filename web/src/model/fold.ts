import { OPS } from "../nnef/ops.js";
import type { Input, RawNode, Scope, WireName } from "./raw-graph.js";

/** A weight, literal or size that is drawn inside the node that uses it. */
export interface FoldedConstant {
  readonly role: string;
  readonly wire: WireName;
  /** The nodes that compute it, source first: `variable`, then perhaps `unsqueeze`. */
  readonly chain: readonly RawNode[];
  /** Whether it is computed from the shape of a wire; the facts show its value. */
  readonly isSize: boolean;
}

/** A drawn node: an operation with everything that folds into it. */
export interface FoldedNode {
  /** The operation that names the node. */
  readonly raw: RawNode;
  /** Bias and activation that directly follow, in order. */
  readonly absorbed: readonly RawNode[];
  readonly inputs: readonly Input[];
  readonly constants: readonly FoldedConstant[];
  readonly outputs: readonly WireName[];
}

const CARRIERS = new Set(
  "conv deconv linear matmul tract_core_matmul tract_core_einsum separable_conv add".split(" "),
);
const SUMS = new Set(["add", "sub"]);
/** Operations that compute sizes. Positions and masks made from sizes are values and stay nodes. */
const SIZE_OPS = new Set(
  "slice squeeze unsqueeze reshape concat stack add sub mul div min max floor ceil tract_core_cast".split(
    " ",
  ),
);
/** tract writes activations as these operations with a literal: relu is max(x, 0). */
const CLAMPS = new Set(["max", "min"]);

/**
 * Folds constants, bias and activations of a scope into the operations they belong to.
 *
 * @param known further constant wires, such as weights passed to a fragment
 */
export function fold(scope: Scope, known: ReadonlySet<WireName> = new Set()): FoldedNode[] {
  const maker = new Map<WireName, RawNode>();
  const uses = new Map<WireName, number>();
  for (const node of scope.nodes) {
    for (const wire of node.outputs) maker.set(wire, node);
    for (const { wire } of node.inputs) uses.set(wire, (uses.get(wire) ?? 0) + 1);
  }
  for (const wire of scope.outputs) uses.set(wire, (uses.get(wire) ?? 0) + 1);

  const constant = constants(scope, maker, known);
  const sizes = sizesAmong(scope, maker, constant);
  const isFolded = (node: RawNode | undefined) => constant.has(node) || sizes.has(node);
  const absorbedInto = new Map<RawNode, RawNode>();
  const followers = new Map<RawNode, RawNode[]>();
  for (const node of scope.nodes) {
    if (isFolded(node)) continue;
    const flowing = node.inputs.filter(({ wire }) => !isFolded(maker.get(wire)));
    const [only] = flowing;
    const before = only && flowing.length === 1 ? maker.get(only.wire) : undefined;
    if (!only || !before || before.outputs.length !== 1 || uses.get(only.wire) !== 1) continue;
    const carrier = absorbedInto.get(before) ?? before;
    const chain = followers.get(carrier) ?? [];
    if (!CARRIERS.has(carrier.op) || !follows(node, carrier, chain)) continue;
    absorbedInto.set(node, carrier);
    followers.set(carrier, [...chain, node]);
  }

  return scope.nodes
    .filter((node) => !isFolded(node) && !absorbedInto.has(node))
    .map((raw) => {
      const absorbed = followers.get(raw) ?? [];
      const own = [raw, ...absorbed];
      const made = new Set(own.slice(0, -1).flatMap((each) => each.outputs));
      const given = own.flatMap((each) => each.inputs).filter(({ wire }) => !made.has(wire));
      const isTold = ({ wire }: Input) => isFolded(maker.get(wire));
      return {
        raw,
        absorbed,
        inputs: given.filter((each) => !isTold(each)),
        constants: given.filter(isTold).map(({ role, wire }) => ({
          role,
          wire,
          chain: chainOf(wire, maker, isFolded),
          isSize: sizes.has(maker.get(wire)),
        })),
        outputs: own.at(-1)?.outputs ?? [],
      };
    });
}

/** Nodes with constant values, except outputs of the graph. */
function constants(
  scope: Scope,
  maker: ReadonlyMap<WireName, RawNode>,
  known: ReadonlySet<WireName>,
): Set<RawNode | undefined> {
  const found = new Set<RawNode | undefined>();
  const given = new Set(scope.outputs);
  for (const node of scope.nodes) {
    // Without inputs it uses literals only: `unsqueeze(0.0, axes = [0])`.
    const derived =
      !node.op.endsWith("external") &&
      !node.memory &&
      node.inputs.every(({ wire }) => found.has(maker.get(wire)));
    const isFolded = node.constant !== undefined || known.has(node.id);
    if ((isFolded || derived) && !node.outputs.some((wire) => given.has(wire))) found.add(node);
  }
  return found;
}

/** Nodes that only compute sizes from shapes, except outputs of the graph. */
function sizesAmong(
  scope: Scope,
  maker: ReadonlyMap<WireName, RawNode>,
  constant: ReadonlySet<RawNode | undefined>,
): Set<RawNode | undefined> {
  const found = new Set<RawNode | undefined>();
  // By wire: a text may repeat an identical assignment.
  const sizes = new Set<WireName>();
  const given = new Set(scope.outputs);
  for (const node of scope.nodes) {
    const reckoned =
      SIZE_OPS.has(node.op) &&
      node.inputs.some(({ wire }) => sizes.has(wire)) &&
      node.inputs.every(({ wire }) => sizes.has(wire) || constant.has(maker.get(wire)));
    const isShape = node.op === "tract_core_shape_of" && !constant.has(node);
    if ((!isShape && !reckoned) || node.outputs.some((wire) => given.has(wire))) continue;
    found.add(node);
    for (const wire of node.outputs) sizes.add(wire);
  }
  return found;
}

function follows(node: RawNode, carrier: RawNode, chain: readonly RawNode[]): boolean {
  if (node.memory || node.fragment) return false;
  const activation = chain.find((each) => !SUMS.has(each.op));
  // Accepts both halves of a clamp, but nothing else after an activation.
  if (activation && !(CLAMPS.has(activation.op) && CLAMPS.has(node.op))) return false;
  if (OPS.get(node.op)?.activation) return true;
  const withConstant = node.inputs.length === 2;
  if (CLAMPS.has(node.op)) return withConstant;
  return SUMS.has(node.op) && withConstant && carrier.op !== "add" && chain.length === 0;
}

/** All constant nodes that lead to a wire, sources first. */
function chainOf(
  wire: WireName,
  maker: ReadonlyMap<WireName, RawNode>,
  isFolded: (node: RawNode | undefined) => boolean,
): RawNode[] {
  const chain = new Set<RawNode>();
  const visit = (node: RawNode | undefined) => {
    if (!node || chain.has(node) || !isFolded(node)) return;
    for (const input of node.inputs) visit(maker.get(input.wire));
    chain.add(node);
  };
  visit(maker.get(wire));
  return [...chain];
}
