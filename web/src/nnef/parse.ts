import { READ_LIMITS, type ReadLimits } from "../base/limits.js";
import { Cursor } from "./cursor.js";
import { Expressions } from "./expressions.js";
import type {
  Assignment,
  Extension,
  Fragment,
  GraphDefinition,
  NnefDocument,
  Parameter,
  Target,
} from "./syntax.js";

/**
 * Parses graph.nnef: the flat and compositional syntax of NNEF 1.0, with the extensions of tract (free text in
 * extensions, arrays of tuples as types, calls as property values).
 *
 * @throws InspectError `syntax` with its position, or `limit`
 */
export function parseNnef(text: string, limits: ReadLimits = READ_LIMITS): NnefDocument {
  return new Parser(text, limits).document();
}

class Parser {
  readonly #at: Cursor;
  readonly #values: Expressions;

  constructor(text: string, limits: ReadLimits) {
    this.#at = new Cursor(text, limits);
    this.#values = new Expressions(this.#at);
  }

  document(): NnefDocument {
    this.#at.keyword("version");
    const version = this.#at.raw(this.#at.take("number", "a version such as 1.0"));
    this.#at.mark(";");
    const extensions: Extension[] = [];
    while (this.#at.isWord("extension")) extensions.push(this.#extension());
    const fragments: Fragment[] = [];
    while (this.#at.isWord("fragment")) fragments.push(this.#fragment());
    const graph = this.#graph();
    if (this.#at.token.kind !== "end") throw this.#at.unexpected("the end of the file");
    return { version, extensions, fragments, graph };
  }

  #extension(): Extension {
    const from = this.#at.token.from;
    this.#at.keyword("extension");
    const name = this.#at.raw(this.#at.take("word", "the extension's name"));
    const stop = this.#at.text.indexOf(";", this.#at.lastEnd);
    if (stop < 0) throw this.#at.unexpected('";" after the extension');
    const rest = this.#at.text.slice(this.#at.lastEnd, stop).trim();
    this.#at.seek(stop);
    this.#at.mark(";");
    return { from, to: this.#at.lastEnd, name, rest };
  }

  #fragment(): Fragment {
    const from = this.#at.token.from;
    this.#at.keyword("fragment");
    const name = this.#values.name("the fragment's name");
    if (this.#at.isMark("<")) this.#values.generic();
    this.#at.mark("(");
    const parameters = this.#at.list(")", () => this.#parameter());
    this.#at.mark("->");
    this.#at.mark("(");
    const results = this.#at.list(")", () => this.#parameter());
    const body = this.#at.isMark("{") ? this.#body() : undefined;
    if (!body) this.#at.mark(";");
    return { from, to: this.#at.lastEnd, name, parameters, results, body };
  }

  #parameter(): Parameter {
    const name = this.#values.name("a parameter's name");
    this.#at.mark(":");
    const start = this.#at.token.from;
    this.#type();
    const type = this.#at.text.slice(start, this.#at.lastEnd).replace(/\s+/g, " ");
    const fallback = this.#at.accept("=") ? this.#values.expression() : undefined;
    return { from: name.from, to: this.#at.lastEnd, name, type, fallback };
  }

  #type() {
    this.#at.deeper(() => {
      if (this.#at.accept("(")) this.#at.list(")", () => this.#type());
      else if (!this.#at.accept("?")) {
        const word = this.#at.raw(this.#at.take("word", "a type"));
        if (word === "tensor") {
          this.#at.mark("<");
          if (!this.#at.accept("?") && !this.#at.isMark(">")) this.#at.take("word", "a type");
          this.#at.mark(">");
        }
      }
    });
    while (this.#at.accept("[")) this.#at.mark("]");
  }

  #graph(): GraphDefinition {
    const from = this.#at.token.from;
    this.#at.keyword("graph");
    const name = this.#values.name("the graph's name");
    this.#at.mark("(");
    const inputs = this.#at.list(")", () => this.#values.name("an input's name"));
    this.#at.mark("->");
    this.#at.mark("(");
    const outputs = this.#at.list(")", () => this.#values.name("an output's name"));
    const body = this.#body();
    return { from, to: this.#at.lastEnd, name, inputs, outputs, body };
  }

  #body(): Assignment[] {
    this.#at.mark("{");
    const assignments: Assignment[] = [];
    while (!this.#at.isMark("}")) assignments.push(this.#assignment());
    this.#at.mark("}");
    return assignments;
  }

  #assignment(): Assignment {
    const first = this.#target();
    const items = [first];
    while (this.#at.accept(",")) items.push(this.#target());
    const target: Target =
      items.length === 1 ? first : { kind: "tuple", from: first.from, to: this.#at.lastEnd, items };
    this.#at.mark("=");
    const value = this.#values.expression();
    this.#at.mark(";");
    return { from: first.from, to: this.#at.lastEnd, target, value };
  }

  #target(): Target {
    const from = this.#at.token.from;
    const close = this.#at.accept("[") ? "]" : this.#at.accept("(") ? ")" : undefined;
    if (!close) return this.#values.name("a name to assign to");
    const items = this.#at.deeper(() => this.#at.list(close, () => this.#target()));
    return { kind: close === "]" ? "array" : "tuple", from, to: this.#at.lastEnd, items };
  }
}
