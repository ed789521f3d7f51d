import { InputError } from "../errors.js";

/** Throws InputError if `options` has an option that `known` does not list. `of` is the call. */
export function checkOptions(of: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      const what = `${of} has no option ${name}${suggestion(name, known)}`;
      throw new InputError(`${what}; its options are ${known.join(", ")}`);
    }
  }
}

/** ` (did you mean optimize?)`, or nothing if no known name is near. */
export function suggestion(name: string, known: readonly string[]): string {
  let nearest = "";
  let least = 1 + Math.floor(name.length / 3);
  for (const other of known) {
    const edits = distance(name.toLowerCase(), other.toLowerCase());
    if (edits < least || (edits === least && nearest === "")) [nearest, least] = [other, edits];
  }
  return nearest === "" ? "" : ` (did you mean ${nearest}?)`;
}

/** Letters to insert, remove or replace between two words. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, ix) => ix);
  for (let at = 1; at <= from.length; at++) {
    const next = [at];
    for (let ix = 1; ix <= to.length; ix++) {
      const replaced = (row[ix - 1] ?? 0) + Number(from[at - 1] !== to[ix - 1]);
      next.push(Math.min(replaced, (row[ix] ?? 0) + 1, (next[ix - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
