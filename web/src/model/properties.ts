import type { Expression, NnefDocument } from "../nnef/syntax.js";

/** Properties of the archive, as written: `pulse.delay` is `3`. */
export function propertiesOf(document: NnefDocument, text: string): Map<string, string> {
  const found = new Map<string, string>();
  const body = document.fragments.find((each) => each.name.name === "tract_core_properties")?.body;
  for (const { value } of body ?? []) {
    const rows = value.kind === "array" ? value.items : [];
    for (const row of rows) {
      const [key, written] = row.kind === "tuple" ? row.items : [];
      if (key?.kind === "string" && written) found.set(key.value, shown(written, text));
    }
  }
  return found;
}

/** Unwraps lists with one item and casts. */
function shown(value: Expression, text: string): string {
  const [first] = value.kind === "array" ? value.items : [];
  if (first && value.kind === "array" && value.items.length === 1) return shown(first, text);
  if (value.kind === "call" && value.args[0]) return shown(value.args[0].value, text);
  return value.kind === "string" ? value.value : text.slice(value.from, value.to);
}
