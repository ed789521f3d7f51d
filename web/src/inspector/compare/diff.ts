import { symbolsOf } from "../../model/facts.js";
import { propertiesOf } from "../../model/properties.js";
import type { Attribute, RawNode } from "../../model/raw-graph.js";
import type { ModelView } from "../../model/view.js";
import { type Layout, layoutOf } from "./layout.js";

export interface Change {
  readonly kind: "added" | "removed" | "attribute" | "fact";
  /** Name of the node or wire, as in the selection. */
  readonly name: string;
  readonly op: string;
  /** Name of the attribute; empty for a fact. */
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

export interface Line {
  readonly kind: "extension" | "property";
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Differences between two models, matched by name. */
export interface Difference {
  /** Changes of nodes and wires, in the order of the second model. */
  readonly changes: readonly Change[];
  /** Changes of extensions and properties. */
  readonly lines: readonly Line[];
}

/** Attributes that repeat facts: a change is reported once, with the fact. */
const SIZES: ReadonlySet<string> = new Set(["shape"]);

/**
 * An attribute that depends on the stream: the frames of delay that a scan skips before it starts follow from
 * the delay of its input.
 */
const STREAMING: ReadonlySet<string> = new Set(["skip"]);

/** Compares two texts of the same writer, matching nodes by name. */
export function diff(before: ModelView, after: ModelView): Difference {
  const layout = layoutOf(before, after);
  const old = byId(before);
  const seen = new Set<string>();
  const changes: Change[] = [];
  for (const node of after.scopes.graph.nodes) {
    const was = old.get(node.id);
    seen.add(node.id);
    changes.push(...operation(was, node, layout));
    if (was && !layout.fact(node)) changes.push(...facts(node, before, after));
  }
  for (const [id, node] of old) {
    if (!seen.has(id)) changes.push(...operation(node, undefined, layout));
  }
  return { changes, lines: [...extensions(before, after), ...properties(before, after)] };
}

function operation(
  before: RawNode | undefined,
  after: RawNode | undefined,
  layout: Layout,
): Change[] {
  const was = before && !layout.node(before) ? before : undefined;
  const is = after && !layout.node(after) ? after : undefined;
  if (was && is && plain(was.op) === plain(is.op)) return attributes(was, is, layout);
  return [...(was ? [gone(was)] : []), ...(is ? [added(is)] : [])];
}

/** An input with fixed sizes is written in plain NNEF, one with symbols in an extension of tract. */
const plain = (op: string): string => op.replace(/^tract_core_external$/, "external");

const byId = (view: ModelView): Map<string, RawNode> =>
  new Map(view.scopes.graph.nodes.map((node) => [node.id, node]));

const added = ({ id, op }: RawNode): Change => ({
  kind: "added",
  name: id,
  op,
  what: "",
  before: "",
  after: op,
});
const gone = ({ id, op }: RawNode): Change => ({
  kind: "removed",
  name: id,
  op,
  what: "",
  before: op,
  after: "",
});

function attributes(was: RawNode, is: RawNode, layout: Layout): Change[] {
  // The attributes of an input only repeat its fact.
  if (plain(is.op) === "external") return [];
  const value = (list: readonly Attribute[], name: string) =>
    list.find((each) => each.name === name)?.text ?? "";
  const names = new Set([...was.attributes, ...is.attributes].map((each) => each.name));
  return [...names].flatMap((what) => {
    const [before, after] = [value(was.attributes, what), value(is.attributes, what)];
    if (before === after || SIZES.has(what) || layout.attribute(is, what)) return [];
    const kind = STREAMING.has(what) ? ("fact" as const) : ("attribute" as const);
    return [{ kind, name: is.id, op: is.op, what, before, after }];
  });
}

function facts(node: RawNode, before: ModelView, after: ModelView): Change[] {
  return node.outputs.flatMap((wire) => {
    const [was, is] = [before.facts.get(wire), after.facts.get(wire)];
    if (was === undefined || is === undefined || was === is) return [];
    return [{ kind: "fact" as const, name: wire, op: node.op, what: "", before: was, after: is }];
  });
}

/** Ignores symbols that no fact uses: the engine's writer declares temporary ones. */
function extensions(before: ModelView, after: ModelView): Line[] {
  const lines = (view: ModelView) => {
    const used = new Set([...view.facts.values()].flatMap(symbolsOf));
    return view.document.extensions
      .filter(({ name, rest }) => name !== "tract_symbol" || used.has(rest))
      .map(({ name, rest }) => `${name} ${rest}`);
  };
  const [was, is] = [lines(before), lines(after)];
  const symbol = (line: string) => line.startsWith("tract_symbol ");
  return [
    ...is
      .filter((name) => !was.includes(name))
      .map((name) => ({ kind: "extension" as const, name, before: undefined, after: name })),
    // A symbol that disappears from the facts is reported with them.
    ...was
      .filter((name) => !is.includes(name) && !symbol(name))
      .map((name) => ({ kind: "extension" as const, name, before: name, after: undefined })),
  ];
}

function properties(before: ModelView, after: ModelView): Line[] {
  const was = propertiesOf(before.document, before.text);
  const is = propertiesOf(after.document, after.text);
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) =>
    was.get(name) === is.get(name)
      ? []
      : [{ kind: "property" as const, name, before: was.get(name), after: is.get(name) }],
  );
}
