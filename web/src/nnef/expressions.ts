import type { Cursor } from "./cursor.js";
import type { Argument, Expression, Invocation, Name } from "./syntax.js";
import { unquoted } from "./tokens.js";

/** Operators by precedence, lowest first. All are left-associative, as in tract. */
const LEVELS: readonly ReadonlySet<string>[] = [
  new Set(["in"]),
  new Set(["||", "&&"]),
  new Set(["==", "!=", "<=", ">=", "<", ">"]),
  new Set(["+", "-"]),
  new Set(["*", "/"]),
  new Set(["^"]),
];

/** Maximum operators in a chain such as `a + b + c`, each of which deepens the tree. */
const MAX_CHAIN = 512;

/** Parses values: calls, literals, operators, lists. */
export class Expressions {
  readonly #at: Cursor;

  constructor(at: Cursor) {
    this.#at = at;
  }

  /** @throws InspectError `syntax`, `limit` */
  expression(): Expression {
    return this.#at.deeper(() => {
      const then = this.#binary(0);
      if (!this.#at.acceptWord("if")) return then;
      const condition = this.#binary(0);
      this.#at.keyword("else");
      const otherwise = this.#binary(0);
      return this.#at.made({
        kind: "conditional",
        from: then.from,
        to: this.#at.lastEnd,
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
    for (let chain = 0; operators.has(this.#at.word); chain++) {
      if (chain >= MAX_CHAIN)
        throw this.#at.tooMuch(`more than ${MAX_CHAIN} operators in one expression`);
      const op = this.#at.word;
      this.#at.next();
      const right = this.#binary(level + 1);
      left = this.#at.made({
        kind: "binary",
        from: left.from,
        to: this.#at.lastEnd,
        op,
        left,
        right,
      });
    }
    return left;
  }

  #subscript(): Expression {
    const of = this.#atom();
    if (!this.#at.accept("[")) return of;
    const index = this.#at.isMark(":") ? undefined : this.expression();
    const isRange = this.#at.accept(":");
    const end = isRange && !this.#at.isMark("]") ? this.expression() : undefined;
    this.#at.mark("]");
    return this.#at.made({
      kind: "subscript",
      from: of.from,
      to: this.#at.lastEnd,
      of,
      index,
      end,
      isRange,
    });
  }

  #atom(): Expression {
    const token = this.#at.token;
    const { from } = token;
    if (token.kind === "number") {
      this.#at.next();
      return this.#at.made({ kind: "number", from, to: token.to, text: this.#at.raw(token) });
    }
    if (token.kind === "string") {
      this.#at.next();
      return this.#at.made({
        kind: "string",
        from,
        to: token.to,
        value: unquoted(this.#at.raw(token)),
      });
    }
    if (token.kind === "word" || token.kind === "escaped") return this.#wordAtom();
    if (this.#at.accept("(")) return this.#parenthesis(from);
    if (this.#at.accept("[")) return this.#array(from);
    const op = this.#at.raw(token);
    if (token.kind === "punct" && (op === "-" || op === "+" || op === "!")) {
      this.#at.next();
      return this.#signed(op, from);
    }
    throw this.#at.unexpected("a value");
  }

  /** `-1` is a literal; `-a` is an operation. */
  #signed(op: string, from: number): Expression {
    const operand = this.#at.deeper(() => this.#atom());
    const to = this.#at.lastEnd;
    if (op === "-" && operand.kind === "number") {
      return { kind: "number", from, to, text: `-${operand.text}` };
    }
    return this.#at.made({ kind: "unary", from, to, op, operand });
  }

  #wordAtom(): Expression {
    const { from, to } = this.#at.token;
    const text = this.#at.raw(this.#at.token);
    if (text === "true" || text === "false") {
      this.#at.next();
      return this.#at.made({ kind: "logical", from, to, value: text === "true" });
    }
    const name = this.name("a name");
    if (this.#at.isMark("(")) return this.#call(name, undefined);
    if (this.#at.isMark("<") && this.#looksGeneric()) return this.#call(name, this.generic());
    if (text === "inf") return this.#at.made({ kind: "number", from, to, text });
    return name;
  }

  /** Whether `<` starts `<scalar>(`, not a comparison. */
  #looksGeneric(): boolean {
    const pattern = /<\s*[a-z?]+\s*>\s*\(/y;
    pattern.lastIndex = this.#at.token.from;
    return pattern.test(this.#at.text);
  }

  #call(op: Name, generic: string | undefined): Invocation {
    this.#at.mark("(");
    const args = this.#at.list(")", () => this.#argument());
    return this.#at.made({ kind: "call", from: op.from, to: this.#at.lastEnd, op, generic, args });
  }

  #argument(): Argument {
    const value = this.expression();
    if (value.kind !== "name" || !this.#at.accept("=")) {
      return { from: value.from, to: value.to, name: undefined, value };
    }
    const given = this.expression();
    return { from: value.from, to: given.to, name: value, value: given };
  }

  #parenthesis(from: number): Expression {
    const items = this.#at.list(")", () => this.expression());
    const [only] = items;
    if (only && items.length === 1) return only;
    return this.#at.made({ kind: "tuple", from, to: this.#at.lastEnd, items });
  }

  #array(from: number): Expression {
    if (this.#at.isWord("for")) return this.#comprehension(from);
    const items = this.#at.list("]", () => this.expression());
    return this.#at.made({ kind: "array", from, to: this.#at.lastEnd, items });
  }

  #comprehension(from: number): Expression {
    this.#at.keyword("for");
    const loops: { name: Name; over: Expression }[] = [];
    do {
      const name = this.name("a loop's name");
      this.#at.keyword("in");
      loops.push({ name, over: this.#at.deeper(() => this.#binary(1)) });
    } while (this.#at.accept(","));
    const filter = this.#at.acceptWord("if") ? this.expression() : undefined;
    this.#at.keyword("yield");
    const yields = this.expression();
    this.#at.mark("]");
    return this.#at.made({
      kind: "comprehension",
      from,
      to: this.#at.lastEnd,
      loops,
      filter,
      yields,
    });
  }

  /** @throws InspectError `syntax` */
  name(what: string): Name {
    const token = this.#at.token;
    if (token.kind !== "word" && token.kind !== "escaped") throw this.#at.unexpected(what);
    const raw = this.#at.raw(token);
    const name = token.kind === "word" ? raw : unquoted(raw.slice(1));
    this.#at.next();
    return this.#at.made({ kind: "name", from: token.from, to: token.to, name });
  }

  /** Type parameter: `<scalar>`, or `<? = scalar>` in a declaration. */
  generic(): string {
    this.#at.mark("<");
    const start = this.#at.token.from;
    while (!this.#at.isMark(">")) {
      if (this.#at.token.kind !== "word" && !this.#at.isMark("?") && !this.#at.isMark("=")) {
        throw this.#at.unexpected("a type");
      }
      this.#at.next();
    }
    const type = this.#at.text.slice(start, this.#at.token.from).trim();
    this.#at.mark(">");
    return type;
  }
}
