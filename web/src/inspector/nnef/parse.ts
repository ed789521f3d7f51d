import { InspectError, type Place } from "../errors.js";
import { READ_LIMITS, type ReadLimits } from "../limits.js";
import type {
  Argument,
  Assignment,
  Expression,
  Extension,
  Fragment,
  GraphDefinition,
  Invocation,
  Name,
  NnefDocument,
  Parameter,
  Target,
} from "./syntax.js";
import { skipBlank, type Token, tokenAt, unquoted } from "./tokens.js";

/** Operators by binding strength, weakest first; all associate to the left, as in tract. */
const LEVELS: readonly ReadonlySet<string>[] = [
  new Set(["in"]),
  new Set(["||", "&&"]),
  new Set(["==", "!=", "<=", ">=", "<", ">"]),
  new Set(["+", "-"]),
  new Set(["*", "/"]),
  new Set(["^"]),
];

/** Operands of one chain such as `a + b + c`: each makes the tree one deeper. */
const CHAIN = 512;

export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { offset, line, column: offset - before.lastIndexOf("\n") };
}

/**
 * Parses graph.nnef: NNEF 1.0 flat and compositional syntax with what tract adds to it (free text in
 * extensions, arrays of tuples as types, calls as property values).
 *
 * @throws InspectError `syntax`, with its place, or `limit`
 */
export function parseNnef(text: string, limits: ReadLimits = READ_LIMITS): NnefDocument {
  return new Parser(text, limits).document();
}

class Parser {
  readonly #text: string;
  readonly #limits: ReadLimits;
  #token: Token;
  #lastEnd = 0;
  #depth = 0;
  #nodes = 0;

  constructor(text: string, limits: ReadLimits) {
    this.#text = text;
    this.#limits = limits;
    this.#token = tokenAt(text, skipBlank(text, 0));
  }

  document(): NnefDocument {
    this.#word("version");
    const version = this.#raw(this.#take("number", "a version such as 1.0"));
    this.#punct(";");
    const extensions: Extension[] = [];
    while (this.#isWord("extension")) extensions.push(this.#extension());
    const fragments: Fragment[] = [];
    while (this.#isWord("fragment")) fragments.push(this.#fragment());
    const graph = this.#graph();
    if (this.#token.kind !== "end") throw this.#unexpected("the end of the file");
    return { version, extensions, fragments, graph };
  }

  #extension(): Extension {
    const from = this.#token.from;
    this.#word("extension");
    const name = this.#raw(this.#take("word", "the extension's name"));
    const stop = this.#text.indexOf(";", this.#lastEnd);
    if (stop < 0) throw this.#unexpected('";" after the extension');
    const rest = this.#text.slice(this.#lastEnd, stop).trim();
    this.#seek(stop);
    this.#punct(";");
    return { from, to: this.#lastEnd, name, rest };
  }

  #fragment(): Fragment {
    const from = this.#token.from;
    this.#word("fragment");
    const name = this.#name("the fragment's name");
    if (this.#isPunct("<")) this.#generic();
    this.#punct("(");
    const parameters = this.#list(")", () => this.#parameter());
    this.#punct("->");
    this.#punct("(");
    const results = this.#list(")", () => this.#parameter());
    const body = this.#isPunct("{") ? this.#body() : undefined;
    if (!body) this.#punct(";");
    return { from, to: this.#lastEnd, name, parameters, results, body };
  }

  #parameter(): Parameter {
    const name = this.#name("a parameter's name");
    this.#punct(":");
    const start = this.#token.from;
    this.#type();
    const type = this.#text.slice(start, this.#lastEnd).replace(/\s+/g, " ");
    const fallback = this.#accept("=") ? this.#expression() : undefined;
    return { from: name.from, to: this.#lastEnd, name, type, fallback };
  }

  #type() {
    this.#deeper(() => {
      if (this.#accept("(")) this.#list(")", () => this.#type());
      else if (!this.#accept("?")) {
        const word = this.#raw(this.#take("word", "a type"));
        if (word === "tensor") {
          this.#punct("<");
          if (!this.#accept("?") && !this.#isPunct(">")) this.#take("word", "a type");
          this.#punct(">");
        }
      }
    });
    while (this.#accept("[")) this.#punct("]");
  }

  #generic(): string {
    this.#punct("<");
    const start = this.#token.from;
    while (!this.#isPunct(">")) {
      if (this.#token.kind !== "word" && !this.#isPunct("?") && !this.#isPunct("=")) {
        throw this.#unexpected("a type");
      }
      this.#next();
    }
    const type = this.#text.slice(start, this.#token.from).trim();
    this.#punct(">");
    return type;
  }

  #graph(): GraphDefinition {
    const from = this.#token.from;
    this.#word("graph");
    const name = this.#name("the graph's name");
    this.#punct("(");
    const inputs = this.#list(")", () => this.#name("an input's name"));
    this.#punct("->");
    this.#punct("(");
    const outputs = this.#list(")", () => this.#name("an output's name"));
    const body = this.#body();
    return { from, to: this.#lastEnd, name, inputs, outputs, body };
  }

  #body(): Assignment[] {
    this.#punct("{");
    const assignments: Assignment[] = [];
    while (!this.#isPunct("}")) assignments.push(this.#assignment());
    this.#punct("}");
    return assignments;
  }

  #assignment(): Assignment {
    const first = this.#target();
    const items = [first];
    while (this.#accept(",")) items.push(this.#target());
    const target: Target =
      items.length === 1 ? first : { kind: "tuple", from: first.from, to: this.#lastEnd, items };
    this.#punct("=");
    const value = this.#expression();
    this.#punct(";");
    return { from: first.from, to: this.#lastEnd, target, value };
  }

  #target(): Target {
    const from = this.#token.from;
    const close = this.#accept("[") ? "]" : this.#accept("(") ? ")" : undefined;
    if (!close) return this.#name("a name to assign to");
    const items = this.#deeper(() => this.#list(close, () => this.#target()));
    return { kind: close === "]" ? "array" : "tuple", from, to: this.#lastEnd, items };
  }

  #expression(): Expression {
    return this.#deeper(() => {
      const then = this.#binary(0);
      if (!this.#acceptWord("if")) return then;
      const condition = this.#binary(0);
      this.#word("else");
      const otherwise = this.#binary(0);
      return this.#made({
        kind: "conditional",
        from: then.from,
        to: this.#lastEnd,
        then,
        condition,
        otherwise,
      });
    });
  }

  #binary(level: number): Expression {
    const operators = LEVELS[level];
    if (!operators) return this.#subscript();
    let left = this.#binary(level + 1);
    for (let chain = 0; operators.has(this.#operator()); chain++) {
      if (chain >= CHAIN) throw this.#tooMuch(`more than ${CHAIN} operators in one expression`);
      const op = this.#operator();
      this.#next();
      const right = this.#binary(level + 1);
      left = this.#made({ kind: "binary", from: left.from, to: this.#lastEnd, op, left, right });
    }
    return left;
  }

  #operator(): string {
    const { kind } = this.#token;
    return kind === "punct" || kind === "word" ? this.#raw(this.#token) : "";
  }

  #subscript(): Expression {
    const of = this.#atom();
    if (!this.#accept("[")) return of;
    const index = this.#isPunct(":") ? undefined : this.#expression();
    const isRange = this.#accept(":");
    const end = isRange && !this.#isPunct("]") ? this.#expression() : undefined;
    this.#punct("]");
    return this.#made({
      kind: "subscript",
      from: of.from,
      to: this.#lastEnd,
      of,
      index,
      end,
      isRange,
    });
  }

  #atom(): Expression {
    const token = this.#token;
    const { from } = token;
    if (token.kind === "number") {
      this.#next();
      return this.#made({ kind: "number", from, to: token.to, text: this.#raw(token) });
    }
    if (token.kind === "string") {
      this.#next();
      return this.#made({ kind: "string", from, to: token.to, value: unquoted(this.#raw(token)) });
    }
    if (token.kind === "word" || token.kind === "escaped") return this.#wordAtom();
    if (this.#accept("(")) return this.#parenthesis(from);
    if (this.#accept("[")) return this.#array(from);
    const op = this.#raw(token);
    if (token.kind === "punct" && (op === "-" || op === "+" || op === "!")) {
      this.#next();
      return this.#signed(op, from);
    }
    throw this.#unexpected("a value");
  }

  /** `-1` is one literal; `-a` an operation. */
  #signed(op: string, from: number): Expression {
    const operand = this.#deeper(() => this.#atom());
    const to = this.#lastEnd;
    if (op === "-" && operand.kind === "number") {
      return { kind: "number", from, to, text: `-${operand.text}` };
    }
    return this.#made({ kind: "unary", from, to, op, operand });
  }

  #wordAtom(): Expression {
    const { from, to } = this.#token;
    const text = this.#raw(this.#token);
    if (text === "true" || text === "false") {
      this.#next();
      return this.#made({ kind: "logical", from, to, value: text === "true" });
    }
    const name = this.#name("a name");
    if (this.#isPunct("(")) return this.#call(name, undefined);
    if (this.#isPunct("<") && this.#looksGeneric()) return this.#call(name, this.#generic());
    if (text === "inf") return this.#made({ kind: "number", from, to, text });
    return name;
  }

  /** Whether `<` opens `<scalar>(` rather than a comparison. */
  #looksGeneric(): boolean {
    const pattern = /<\s*[a-z?]+\s*>\s*\(/y;
    pattern.lastIndex = this.#token.from;
    return pattern.test(this.#text);
  }

  #call(op: Name, generic: string | undefined): Invocation {
    this.#punct("(");
    const args = this.#list(")", () => this.#argument());
    return this.#made({ kind: "call", from: op.from, to: this.#lastEnd, op, generic, args });
  }

  #argument(): Argument {
    const value = this.#expression();
    if (value.kind !== "name" || !this.#accept("=")) {
      return { from: value.from, to: value.to, name: undefined, value };
    }
    const given = this.#expression();
    return { from: value.from, to: given.to, name: value, value: given };
  }

  #parenthesis(from: number): Expression {
    const items = this.#list(")", () => this.#expression());
    const [only] = items;
    if (only && items.length === 1) return only;
    return this.#made({ kind: "tuple", from, to: this.#lastEnd, items });
  }

  #array(from: number): Expression {
    if (this.#isWord("for")) return this.#comprehension(from);
    const items = this.#list("]", () => this.#expression());
    return this.#made({ kind: "array", from, to: this.#lastEnd, items });
  }

  #comprehension(from: number): Expression {
    this.#word("for");
    const loops: { name: Name; over: Expression }[] = [];
    do {
      const name = this.#name("a loop's name");
      this.#word("in");
      loops.push({ name, over: this.#deeper(() => this.#binary(1)) });
    } while (this.#accept(","));
    const filter = this.#acceptWord("if") ? this.#expression() : undefined;
    this.#word("yield");
    const yields = this.#expression();
    this.#punct("]");
    return this.#made({ kind: "comprehension", from, to: this.#lastEnd, loops, filter, yields });
  }

  #list<Item>(close: string, item: () => Item): Item[] {
    const items: Item[] = [];
    if (this.#accept(close)) return items;
    do items.push(item());
    while (this.#accept(","));
    this.#punct(close);
    return items;
  }

  #name(what: string): Name {
    const token = this.#token;
    if (token.kind !== "word" && token.kind !== "escaped") throw this.#unexpected(what);
    const raw = this.#raw(token);
    const name = token.kind === "word" ? raw : unquoted(raw.slice(1));
    this.#next();
    return this.#made({ kind: "name", from: token.from, to: token.to, name });
  }

  #made<Node>(node: Node): Node {
    if (++this.#nodes > this.#limits.syntaxNodes) throw this.#tooMuch("too many expressions");
    return node;
  }

  #deeper<Result>(parse: () => Result): Result {
    if (++this.#depth > this.#limits.depth) {
      throw this.#tooMuch(`more than ${this.#limits.depth} expressions inside one another`);
    }
    const result = parse();
    this.#depth--;
    return result;
  }

  #raw(token: Token): string {
    return this.#text.slice(token.from, token.to);
  }

  #seek(offset: number) {
    this.#token = tokenAt(this.#text, skipBlank(this.#text, offset));
  }

  #next() {
    this.#lastEnd = this.#token.to;
    this.#seek(this.#lastEnd);
  }

  #isWord(word: string): boolean {
    return this.#token.kind === "word" && this.#raw(this.#token) === word;
  }

  #isPunct(mark: string): boolean {
    return this.#token.kind === "punct" && this.#raw(this.#token) === mark;
  }

  #accept(mark: string): boolean {
    const there = this.#isPunct(mark);
    if (there) this.#next();
    return there;
  }

  #acceptWord(word: string): boolean {
    const there = this.#isWord(word);
    if (there) this.#next();
    return there;
  }

  #punct(mark: string) {
    if (!this.#accept(mark)) throw this.#unexpected(`"${mark}"`);
  }

  #word(word: string) {
    if (!this.#acceptWord(word)) throw this.#unexpected(`"${word}"`);
  }

  #take(kind: Token["kind"], what: string): Token {
    const token = this.#token;
    if (token.kind !== kind) throw this.#unexpected(what);
    this.#next();
    return token;
  }

  #unexpected(expected: string): InspectError {
    const token = this.#token;
    const found =
      token.kind === "end" ? "the end of the file" : JSON.stringify(this.#raw(token).slice(0, 40));
    return this.#error(`expected ${expected}, found ${found}`, "syntax");
  }

  #tooMuch(what: string): InspectError {
    return this.#error(`the text has ${what}`, "limit");
  }

  #error(what: string, code: "syntax" | "limit"): InspectError {
    const place = placeOf(this.#text, this.#token.from);
    return new InspectError(
      `graph.nnef, line ${place.line}, column ${place.column}: ${what}`,
      code,
      {
        file: "graph.nnef",
        place,
      },
    );
  }
}
