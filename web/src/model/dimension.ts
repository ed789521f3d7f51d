/** Tokens of a dimension as tract prints it. */
const TOKEN = /\s*(\d+|[A-Za-z_]\w*|[-+*/()])/y;

/**
 * The value of a dimension such as `-3+(S+3)/4`; division rounds down.
 *
 * @returns undefined if a symbol has no value, or the text is not an expression of this kind
 */
export function evaluate(text: string, sizes: ReadonlyMap<string, number>): number | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text)?.[1];
    if (found === undefined) return undefined;
    tokens.push(found);
  }
  let at = 0;
  const sum = (): number => {
    let value = product();
    while (tokens[at] === "+" || tokens[at] === "-") {
      value += tokens[at++] === "+" ? product() : -product();
    }
    return value;
  };
  const product = (): number => {
    let value = factor();
    while (tokens[at] === "*" || tokens[at] === "/") {
      value = tokens[at++] === "*" ? value * factor() : Math.floor(value / factor());
    }
    return value;
  };
  const factor = (): number => {
    const token = tokens[at++] ?? "";
    if (token === "-") return -factor();
    if (token !== "(") return /^\d/.test(token) ? Number(token) : (sizes.get(token) ?? Number.NaN);
    const value = sum();
    return tokens[at++] === ")" ? value : Number.NaN;
  };
  const value = sum();
  return at === tokens.length && Number.isFinite(value) ? value : undefined;
}
