import { OPS } from "../nnef/ops.js";
import {
  type Assignment,
  childrenOf,
  type Expression,
  type Invocation,
  namesOf,
} from "../nnef/syntax.js";
import type { Fragments } from "./fragments.js";
import type { Attribute, Constant, Input, Memory, RawNode, WireName } from "./raw-graph.js";

const BINARY: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "^": "pow",
  "<": "lt",
  ">": "gt",
  "<=": "le",
  ">=": "ge",
  "==": "eq",
  "!=": "ne",
  "&&": "and",
  "||": "or",
};
const UNARY: Readonly<Record<string, string>> = { "-": "neg", "!": "not", "+": "copy" };

/** Result of reading one argument: wires, and the text of an attribute. */
interface ReadArgument {
  readonly inputs: readonly Input[];
  readonly attribute: Attribute | undefined;
}

/** Reads assignments in order and creates a node for each operation, nested ones included. */
export class NodeReader {
  readonly nodes: RawNode[] = [];
  readonly aliases = new Map<string, WireName>();
  readonly #text: string;
  readonly #fragments: Fragments;
  readonly #wires = new Set<WireName>();
  #owner = "";
  #nested = 0;

  constructor(text: string, fragments: Fragments) {
    this.#text = text;
    this.#fragments = fragments;
  }

  add(node: RawNode) {
    this.nodes.push(node);
    for (const wire of node.outputs) this.#wires.add(wire);
  }

  /** Resolves a name to its wire. */
  resolve(name: string): WireName {
    return this.aliases.get(name) ?? name;
  }

  assign({ target, value, from, to }: Assignment) {
    const names = namesOf(target).map((each) => each.name);
    this.#owner = names[0] ?? "";
    this.#nested = 0;
    if (value.kind === "name" && names.length === 1 && this.#wires.has(this.resolve(value.name))) {
      this.aliases.set(this.#owner, this.resolve(value.name));
      return;
    }
    this.#make(value, names, { from, to });
  }

  #make(value: Expression, outputs: readonly string[], range: { from: number; to: number }) {
    const id = outputs[0] ?? "";
    const node = (op: string, given: readonly ReadArgument[], more: Partial<RawNode> = {}) => {
      const inputs = given.flatMap((each) => each.inputs);
      const attributes = given.flatMap((each) => each.attribute ?? []);
      const made: RawNode = {
        id,
        op,
        inputs,
        attributes,
        outputs,
        range,
        constant: undefined,
        memory: undefined,
        fragment: undefined,
        ...more,
      };
      this.add(made);
    };
    switch (value.kind) {
      case "call":
        this.#call(value, node);
        break;
      case "binary":
        node(BINARY[value.op] ?? value.op, [
          this.#give("x", value.left),
          this.#give("y", value.right),
        ]);
        break;
      case "unary":
        node(UNARY[value.op] ?? value.op, [this.#give("x", value.operand)]);
        break;
      default: {
        const given = this.#give("value", value);
        if (given.inputs.length > 0) node(value.kind, [given]);
        else node("constant", [], { constant: literal(this.#source(value)) });
      }
    }
  }

  #call(
    call: Invocation,
    node: (op: string, given: readonly ReadArgument[], more?: Partial<RawNode>) => void,
  ) {
    const op = call.op.name;
    const parameters = this.#fragments.parameters(op);
    const given = call.args.map((each, at) =>
      this.#give(each.name?.name ?? parameters[at] ?? `${at + 1}`, each.value),
    );
    const fragment = this.#fragments.runBy(call);
    node(op, given, {
      constant: weight(call),
      memory: this.#memory(call, fragment),
      fragment,
    });
  }

  /** Reads a value: wires if it names or computes some, otherwise an attribute. */
  #give(role: string, value: Expression): ReadArgument {
    const wire = this.#wireOf(value);
    if (wire !== undefined) return { inputs: [{ role, wire }], attribute: undefined };
    const inputs = this.#inside(role, value);
    const list = inputs.length > 0 && (value.kind === "array" || value.kind === "tuple");
    const onlyWires = list && value.items.every((each) => this.#wireOf(each) !== undefined);
    if (onlyWires) return { inputs, attribute: undefined };
    return { inputs, attribute: { name: role, text: this.#source(value) } };
  }

  /** The wire of an expression; creates nodes if the expression computes something. */
  #wireOf(value: Expression): WireName | undefined {
    if (value.kind === "name") {
      const wire = this.resolve(value.name);
      return this.#wires.has(wire) ? wire : undefined;
    }
    const computes = value.kind === "call" || value.kind === "binary" || value.kind === "unary";
    if (!computes || !this.#touchesWire(value)) return undefined;
    const known = this.#computed.get(value);
    if (known) return known;
    const id = `${this.#owner}·${++this.#nested}`;
    this.#computed.set(value, id);
    this.#make(value, [id], { from: value.from, to: value.to });
    return id;
  }

  readonly #computed = new WeakMap<Expression, WireName>();

  #touchesWire(value: Expression): boolean {
    if (value.kind === "name") return this.#wires.has(this.resolve(value.name));
    return childrenOf(value).some((each) => this.#touchesWire(each));
  }

  /** Wires inside an array or tuple. A leading string names the item after it, as in the lists of a scan. */
  #inside(role: string, value: Expression): Input[] {
    if (value.kind !== "array" && value.kind !== "tuple") return [];
    const [first] = value.items;
    const named = value.kind === "tuple" && first?.kind === "string" ? first.value : undefined;
    return value.items.flatMap((item, at) => {
      const wire = this.#wireOf(item);
      const own = named ?? (value.kind === "array" ? `${role}[${at}]` : role);
      return wire === undefined ? this.#inside(named ?? role, item) : [{ role: own, wire }];
    });
  }

  #memory(call: Invocation, fragment: string | undefined): Memory | undefined {
    const keeps = OPS.get(call.op.name)?.keeps;
    if (keeps === "delay") {
      const of = (name: string) => wholeNumber(argument(call, name, this.#fragments)) ?? 0;
      return { kind: "delay", axis: of("axis"), delay: of("delay"), overlap: of("overlap") };
    }
    if (keeps) return { kind: keeps };
    return fragment && this.#fragments.recurrent(fragment) ? { kind: "scan" } : undefined;
  }

  #source(value: Expression): string {
    return this.#text.slice(value.from, value.to).replace(/\s+/g, " ");
  }
}

function argument(call: Invocation, name: string, fragments: Fragments): Expression | undefined {
  const at = fragments.parameters(call.op.name).indexOf(name);
  const named = call.args.find((each) => each.name?.name === name);
  return (named ?? call.args.filter((each) => !each.name)[at])?.value;
}

function wholeNumber(value: Expression | undefined): number | undefined {
  const number = value?.kind === "number" ? Number(value.text) : Number.NaN;
  return Number.isInteger(number) ? number : undefined;
}

const literal = (text: string): Constant => ({ label: undefined, shape: undefined, text });

/** The weight that a `variable` declares. */
function weight(call: Invocation): Constant | undefined {
  if (call.op.name !== "variable") return undefined;
  const named = (name: string) => call.args.find((each) => each.name?.name === name)?.value;
  const [label, shape] = [named("label"), named("shape")];
  const dims = shape?.kind === "array" ? shape.items.map((each) => wholeNumber(each)) : undefined;
  return {
    label: label?.kind === "string" ? label.value : undefined,
    shape: dims?.every((dim) => dim !== undefined) ? dims : undefined,
    text: undefined,
  };
}
