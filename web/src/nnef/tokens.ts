/** Kinds of token. `escaped` is an identifier written `i"…"`. */
export type TokenKind = "word" | "escaped" | "number" | "string" | "punct" | "end" | "bad";

export interface Token {
  readonly kind: TokenKind;
  readonly from: number;
  readonly to: number;
}

const BLANK = /(?:[ \t\r\n]+|#[^\r\n]*)*/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /\d+(?:\.\d*)?(?:[eE][+-]?\d+)?/y;
/** Strings as tract reads them: either quote ends one; a backslash takes the next character literally. */
const STRING = /(?:'(?:\\[\s\S]|[^\\'"])*')|(?:"(?:\\[\s\S]|[^\\'"])*")/y;
const PUNCT = /->|==|!=|<=|>=|&&|\|\||[-+*/^!<>=(){}[\],;:?]/y;

function end(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/** Offset after whitespace and comments. */
export const skipBlank = (text: string, at: number): number => Math.max(at, end(BLANK, text, at));

/** The token at `at`, which must not be whitespace. */
export function tokenAt(text: string, at: number): Token {
  if (at >= text.length) return { kind: "end", from: text.length, to: text.length };
  const code = text.charCodeAt(at);
  if (code === 105 /* i */ && (text[at + 1] === '"' || text[at + 1] === "'")) {
    const to = end(STRING, text, at + 1);
    if (to > 0) return { kind: "escaped", from: at, to };
  }
  if (code >= 48 && code <= 57) return { kind: "number", from: at, to: end(NUMBER, text, at) };
  if (code === 34 || code === 39) {
    const to = end(STRING, text, at);
    return to > 0 ? { kind: "string", from: at, to } : { kind: "bad", from: at, to: at + 1 };
  }
  const word = end(WORD, text, at);
  if (word > 0) return { kind: "word", from: at, to: word };
  const punct = end(PUNCT, text, at);
  return punct > 0 ? { kind: "punct", from: at, to: punct } : { kind: "bad", from: at, to: at + 1 };
}

/** The value of a string token, without quotes and backslashes. */
export const unquoted = (raw: string): string => raw.slice(1, -1).replace(/\\([\s\S])/g, "$1");
