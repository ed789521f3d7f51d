import type { Assignment, Fragment, NnefDocument, Range } from "../nnef/syntax.js";
import { Fragments } from "./fragments.js";
import { NodeReader } from "./node-reader.js";
import type { RawNode, Scope } from "./raw-graph.js";

/** Reads the graph and the bodies of fragments, each at first use. */
export class Scopes {
  readonly graph: Scope;
  readonly #text: string;
  readonly #fragments: Fragments;
  readonly #known = new Map<string, Scope | undefined>();

  constructor(text: string, document: NnefDocument) {
    this.#text = text;
    this.#fragments = new Fragments(document.fragments);
    const { inputs, outputs, body } = document.graph;
    this.graph = this.#read("", body, [], names(inputs), names(outputs));
  }

  /** The body of a fragment, with its tensor parameters as inputs; undefined if it has none. */
  fragment(name: string): Scope | undefined {
    if (!this.#known.has(name)) {
      const fragment = this.#fragments.get(name);
      this.#known.set(name, fragment && this.#body(fragment));
    }
    return this.#known.get(name);
  }

  #body(fragment: Fragment): Scope {
    const tensors = fragment.parameters.filter((each) => each.type.includes("tensor"));
    const inputs = tensors.map((each) => parameter(each.name.name, each));
    const results = fragment.results.map((each) => each.name.name);
    const ids = inputs.map((each) => each.id);
    return this.#read(fragment.name.name, fragment.body ?? [], inputs, ids, results);
  }

  #read(
    name: string,
    body: readonly Assignment[],
    given: readonly RawNode[],
    inputs: readonly string[],
    outputs: readonly string[],
  ): Scope {
    const reading = new NodeReader(this.#text, this.#fragments);
    for (const node of given) reading.add(node);
    for (const assignment of body) reading.assign(assignment);
    const { nodes, aliases } = reading;
    return { name, nodes, inputs, outputs: outputs.map((each) => reading.resolve(each)), aliases };
  }
}

const names = (list: readonly { readonly name: string }[]) => list.map((each) => each.name);

/** A fragment's tensor parameter inside its body. */
const parameter = (id: string, range: Range): RawNode => ({
  id,
  op: "external",
  inputs: [],
  attributes: [],
  outputs: [id],
  range: { from: range.from, to: range.to },
  constant: undefined,
  memory: undefined,
  fragment: undefined,
});
