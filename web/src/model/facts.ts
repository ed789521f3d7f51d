import type { RawNode, Scope, WireName } from "./raw-graph.js";

/** Facts by wire name, as tract prints them (`B,S,64,f32`). */
export type Facts = ReadonlyMap<WireName, string>;

const DTYPES: Readonly<Record<string, string>> = { scalar: "f32", integer: "i64", logical: "bool" };

/** Facts that the text states: those of inputs. */
export function factsOfText(scope: Scope): Map<WireName, string> {
  const facts = new Map<WireName, string>();
  for (const node of scope.nodes) {
    const fact = node.op.endsWith("external") ? external(node) : undefined;
    const [wire] = node.outputs;
    if (fact && wire !== undefined) facts.set(wire, fact);
  }
  return facts;
}

function external(node: RawNode): string | undefined {
  const written = (name: string) => node.attributes.find((each) => each.name === name)?.text;
  const shape = written("shape");
  if (!shape?.startsWith("[")) return undefined;
  const dims = shape.slice(1, -1).replace(/\s+/g, "");
  const dtype = written("datum_type")?.replace(/['"]/g, "").toLowerCase() ?? DTYPES.scalar;
  return dims ? `${dims},${dtype}` : `${dtype}`;
}

/** The part of `tract-wasm`'s `GraphNode` that facts need. */
export interface EngineNode {
  readonly id: number;
  readonly name: string;
  readonly inputs: readonly { readonly node: number }[];
  readonly outputs: readonly { readonly fact: string; readonly constant: boolean }[];
  /** The body of a scan. */
  readonly body?: { readonly nodes: readonly EngineNode[] };
}

/**
 * The engine node of each wire. The engine may create several nodes for one assignment and names them
 * `wire`, `wire_0`, `wire_relu_y`…: the wire is the one whose output is used outside that group.
 */
export function engineNodes(scope: Scope, nodes: readonly EngineNode[]): Map<WireName, EngineNode> {
  const wires = new Map([
    ...scope.aliases,
    ...scope.nodes.flatMap((node) => node.outputs.map((wire) => [wire, wire] as const)),
  ]);
  const families = new Map<WireName, EngineNode[]>();
  for (const node of nodes) {
    const wire = spelled(node.name, wires) ?? longestPrefix(node.name, wires);
    if (wire === undefined) continue;
    const family = families.get(wire) ?? [];
    family.push(node);
    families.set(wire, family);
  }
  const found = new Map<WireName, EngineNode>();
  for (const [wire, family] of families) {
    const inner = new Set(family.flatMap((node) => node.inputs.map((input) => input.node)));
    const leaving = family.filter((node) => !inner.has(node.id));
    const flowing = leaving.filter((node) => node.outputs[0]?.constant === false);
    const maker = flowing.at(-1) ?? leaving.at(-1);
    if (maker) found.set(wire, maker);
    for (const [inner, node] of nested(scope, wire, family)) found.set(inner, node);
  }
  return found;
}

/** Nodes of nested expressions, in order; only if the engine has as many nodes as the text. */
function nested(
  scope: Scope,
  wire: WireName,
  family: readonly EngineNode[],
): (readonly [WireName, EngineNode])[] {
  const inside = scope.nodes.filter(({ id }) => id.startsWith(`${wire}·`));
  if (inside.length === 0) return [];
  const flowing = family.filter(({ outputs }) => outputs[0]?.constant === false);
  if (flowing.length !== inside.length + 1) return [];
  return inside.flatMap(({ id }, at) => {
    const node = flowing[at];
    return node ? [[id, node] as const] : [];
  });
}

/** The wire of a node name. Written archives replace characters that identifiers cannot contain with `_`. */
function spelled(name: string, wires: ReadonlyMap<string, WireName>): WireName | undefined {
  return wires.get(name) ?? wires.get(name.replace(/[^A-Za-z0-9_]/g, "_"));
}

function longestPrefix(name: string, wires: ReadonlyMap<string, WireName>): WireName | undefined {
  for (let end = name.length - 1; end > 0; end--) {
    const at = name[end];
    if (at === "_" || at === ".") {
      const wire = spelled(name.slice(0, end), wires);
      if (wire !== undefined) return wire;
    }
  }
  return undefined;
}

/** The engine's facts by wire of this text, in addition to those of the text. */
export function factsOfEngine(scope: Scope, nodes: readonly EngineNode[]): Map<WireName, string> {
  const facts = factsOfText(scope);
  const makers = new Map(
    scope.nodes.flatMap((node) => node.outputs.map((wire, slot) => [wire, slot] as const)),
  );
  const found = engineNodes(scope, nodes);
  for (const [wire, node] of found) {
    const fact = node.outputs[makers.get(wire) ?? 0]?.fact ?? node.outputs[0]?.fact;
    if (fact !== undefined) facts.set(wire, fact);
  }
  // The engine names a node after its first output; further outputs are matched by index.
  for (const { outputs } of scope.nodes) {
    const [first = "", ...others] = outputs;
    others.forEach((wire, at) => {
      const fact = found.get(first)?.outputs[at + 1]?.fact;
      if (fact !== undefined && !found.has(wire)) facts.set(wire, fact);
    });
  }
  return facts;
}

/** A part of a fact: a symbol, or other text. */
export interface FactPart {
  readonly text: string;
  readonly symbol: boolean;
}

const DTYPE = /^(?:[fiu](?:8|16|32|64)|bool|string|tdim|blob|complex.*)$/i;

export function factParts(fact: string): FactPart[] {
  const dims = fact.split(",");
  const last = dims.length - 1;
  return dims.flatMap((dim, at) => {
    const comma = at === 0 ? [] : [{ text: ",", symbol: false }];
    if (at === last && DTYPE.test(dim)) return [...comma, { text: dim, symbol: false }];
    const pieces = dim.split(/([A-Za-z_][A-Za-z0-9_]*)/).filter((each) => each !== "");
    return [...comma, ...pieces.map((text) => ({ text, symbol: /^[A-Za-z_]/.test(text) }))];
  });
}

export const symbolsOf = (fact: string): string[] => [
  ...new Set(factParts(fact).flatMap((part) => (part.symbol ? [part.text] : []))),
];
