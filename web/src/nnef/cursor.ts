import { InspectError, type Place } from "../base/inspect-error.js";
import type { ReadLimits } from "../base/limits.js";
import { skipBlank, type Token, tokenAt } from "./tokens.js";

/** Line and column of an offset. */
export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { offset, line, column: offset - before.lastIndexOf("\n") };
}

/** A position in the text and the token there; creates the syntax errors. */
export class Cursor {
  readonly text: string;
  readonly #limits: ReadLimits;
  #token: Token;
  #lastEnd = 0;
  #depth = 0;
  #nodes = 0;

  constructor(text: string, limits: ReadLimits) {
    this.text = text;
    this.#limits = limits;
    this.#token = tokenAt(text, skipBlank(text, 0));
  }

  get token(): Token {
    return this.#token;
  }

  /** End of the previous token. */
  get lastEnd(): number {
    return this.#lastEnd;
  }

  /** Text of the token; empty unless it is a word or mark. */
  get word(): string {
    const { kind } = this.#token;
    return kind === "punct" || kind === "word" ? this.raw(this.#token) : "";
  }

  raw({ from, to }: Token): string {
    return this.text.slice(from, to);
  }

  seek(offset: number) {
    this.#token = tokenAt(this.text, skipBlank(this.text, offset));
  }

  next() {
    this.#lastEnd = this.#token.to;
    this.seek(this.#lastEnd);
  }

  isWord(word: string): boolean {
    return this.#token.kind === "word" && this.raw(this.#token) === word;
  }

  isMark(mark: string): boolean {
    return this.#token.kind === "punct" && this.raw(this.#token) === mark;
  }

  accept(mark: string): boolean {
    const there = this.isMark(mark);
    if (there) this.next();
    return there;
  }

  acceptWord(word: string): boolean {
    const there = this.isWord(word);
    if (there) this.next();
    return there;
  }

  /** @throws InspectError `syntax`, as all that follow */
  mark(mark: string) {
    if (!this.accept(mark)) throw this.unexpected(`"${mark}"`);
  }

  keyword(word: string) {
    if (!this.acceptWord(word)) throw this.unexpected(`"${word}"`);
  }

  take(kind: Token["kind"], what: string): Token {
    const token = this.#token;
    if (token.kind !== kind) throw this.unexpected(what);
    this.next();
    return token;
  }

  /** Items separated by commas, up to `close`. */
  list<Item>(close: string, item: () => Item): Item[] {
    const items: Item[] = [];
    if (this.accept(close)) return items;
    do items.push(item());
    while (this.accept(","));
    this.mark(close);
    return items;
  }

  /** Counts a syntax node. @throws InspectError `limit` */
  made<Node>(node: Node): Node {
    if (++this.#nodes > this.#limits.syntaxNodes) throw this.tooMuch("too many expressions");
    return node;
  }

  /** Parses one nesting level deeper. @throws InspectError `limit` */
  deeper<Result>(parse: () => Result): Result {
    if (++this.#depth > this.#limits.depth) {
      throw this.tooMuch(`expressions nested more than ${this.#limits.depth} deep`);
    }
    const result = parse();
    this.#depth--;
    return result;
  }

  unexpected(expected: string): InspectError {
    const token = this.#token;
    const found =
      token.kind === "end" ? "the end of the file" : JSON.stringify(this.raw(token).slice(0, 40));
    return this.#error(`expected ${expected}, found ${found}`, "syntax");
  }

  tooMuch(what: string): InspectError {
    return this.#error(`the text exceeds a limit: ${what}`, "limit");
  }

  #error(what: string, code: "syntax" | "limit"): InspectError {
    const place = placeOf(this.text, this.#token.from);
    const message = `graph.nnef, line ${place.line}, column ${place.column}: ${what}`;
    return new InspectError(message, code, { file: "graph.nnef", place });
  }
}
