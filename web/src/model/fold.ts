import { OPS } from "../nnef/ops.js";
import type { Input, RawNode, Scope, WireName } from "./raw.js";

/** A weight, a literal or a size, drawn inside the node that uses it. */
export interface FoldedConstant {
  readonly role: string;
  readonly wire: WireName;
  /** What computes it, its own source first: `variable`, then perhaps `unsqueeze`. */
  readonly chain: readonly RawNode[];
  /** Whether it is reckoned from the shape of something that flows: the facts say what it is. */
  readonly isSize: boolean;
}

/** A node as drawn: an operation with what folds into it. */
export interface FoldedNode {
  /** The operation the node is named and selected by. */
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
/** What sizes are reckoned with. Positions and masks made of them are values: those stay nodes. */
const RECKONING = new Set(
  "slice squeeze unsqueeze reshape concat stack add sub mul div min max floor ceil tract_core_cast".split(
    " ",
  ),
);
/** Operations tract writes an activation as when one side is a literal: relu is max(x, 0). */
const CLAMPS = new Set(["max", "min"]);

/**
 * A scope's nodes with constants, bias and activations folded into the operation they belong to.
 *
 * @param known further wires that are constant here, such as the weights a fragment is given
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
  const told = (node: RawNode | undefined) => constant.has(node) || sizes.has(node);
  const absorbedInto = new Map<RawNode, RawNode>();
  const followers = new Map<RawNode, RawNode[]>();
  for (const node of scope.nodes) {
    if (told(node)) continue;
    const flowing = node.inputs.filter(({ wire }) => !told(maker.get(wire)));
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
    .filter((node) => !told(node) && !absorbedInto.has(node))
    .map((raw) => {
      const absorbed = followers.get(raw) ?? [];
      const own = [raw, ...absorbed];
      const made = new Set(own.slice(0, -1).flatMap((each) => each.outputs));
      const given = own.flatMap((each) => each.inputs).filter(({ wire }) => !made.has(wire));
      const isTold = ({ wire }: Input) => told(maker.get(wire));
      return {
        raw,
        absorbed,
        inputs: given.filter((each) => !isTold(each)),
        constants: given.filter(isTold).map(({ role, wire }) => ({
          role,
          wire,
          chain: chainOf(wire, maker, told),
          isSize: sizes.has(maker.get(wire)),
        })),
        outputs: own.at(-1)?.outputs ?? [],
      };
    });
}

/** Nodes whose value is known before anything flows, unless the graph gives them out. */
function constants(
  scope: Scope,
  maker: ReadonlyMap<WireName, RawNode>,
  known: ReadonlySet<WireName>,
): Set<RawNode | undefined> {
  const found = new Set<RawNode | undefined>();
  const given = new Set(scope.outputs);
  for (const node of scope.nodes) {
    // Without an input it reads literals alone: `unsqueeze(0.0, axes = [0])`.
    const derived =
      !node.op.endsWith("external") &&
      !node.memory &&
      node.inputs.every(({ wire }) => found.has(maker.get(wire)));
    const told = node.constant !== undefined || known.has(node.id);
    if ((told || derived) && !node.outputs.some((wire) => given.has(wire))) found.add(node);
  }
  return found;
}

/** Nodes that only reckon sizes from the shapes of what flows, unless the graph gives them out. */
function sizesAmong(
  scope: Scope,
  maker: ReadonlyMap<WireName, RawNode>,
  constant: ReadonlySet<RawNode | undefined>,
): Set<RawNode | undefined> {
  const found = new Set<RawNode | undefined>();
  // By wire: a text may assign one name twice, as long as it is the same.
  const sizes = new Set<WireName>();
  const given = new Set(scope.outputs);
  for (const node of scope.nodes) {
    const reckoned =
      RECKONING.has(node.op) &&
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
  // Both halves of a clamp, but nothing else after an activation.
  if (activation && !(CLAMPS.has(activation.op) && CLAMPS.has(node.op))) return false;
  if (OPS.get(node.op)?.activation) return true;
  const withConstant = node.inputs.length === 2;
  if (CLAMPS.has(node.op)) return withConstant;
  return SUMS.has(node.op) && withConstant && carrier.op !== "add" && chain.length === 0;
}

/** All that is known beforehand and leads to a wire, sources first. */
function chainOf(
  wire: WireName,
  maker: ReadonlyMap<WireName, RawNode>,
  told: (node: RawNode | undefined) => boolean,
): RawNode[] {
  const chain = new Set<RawNode>();
  const visit = (node: RawNode | undefined) => {
    if (!node || chain.has(node) || !told(node)) return;
    for (const input of node.inputs) visit(maker.get(input.wire));
    chain.add(node);
  };
  visit(maker.get(wire));
  return [...chain];
}
