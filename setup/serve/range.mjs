/**
 * Reads a `Range` header (RFC 9110, section 14.2).
 *
 * @param {string | undefined} header
 * @param {number} size bytes of the whole file
 * @returns {{ start: number, end: number } | "unsatisfiable" | undefined} inclusive offsets, or
 *   undefined where the whole file is the right answer (no range, several, or not understood)
 */
export function readRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  const [first, last] = [match[1], match[2]].map((text) => (text ? Number(text) : undefined));
  if (first === undefined) {
    if (last === 0 || size === 0) return "unsatisfiable";
    return { start: Math.max(0, size - /** @type {number} */ (last)), end: size - 1 };
  }
  if (first >= size) return "unsatisfiable";
  if (last !== undefined && last < first) return undefined;
  return { start: first, end: Math.min(last ?? size - 1, size - 1) };
}
