import { foldService } from "@codemirror/language";
import type { NnefDocument, Range } from "../../nnef/syntax.js";

/** Foldable ranges: bodies of fragments and graphs, and assignments over several lines. */
export function folding(document: () => NnefDocument | undefined) {
  return foldService.of((state, lineStart, lineEnd) => {
    const parsed = document();
    if (!parsed) return null;
    const blocks: readonly Range[] = [...parsed.fragments, parsed.graph];
    const block = blocks.find(({ from }) => from >= lineStart && from <= lineEnd);
    const body = block ? undefined : bodyAt(parsed, lineStart, lineEnd);
    const found = block ?? body;
    const open = found && state.doc.sliceString(lineStart, found.to).search(block ? /[{]/ : /[([]/);
    if (!found || open === undefined || open < 0) return null;
    const from = block ? lineStart + open + 1 : lineEnd;
    return found.to - 1 > from && state.doc.lineAt(found.to).from > lineEnd
      ? { from, to: found.to - 1 }
      : null;
  });
}

function bodyAt(document: NnefDocument, lineStart: number, lineEnd: number): Range | undefined {
  const bodies = [...document.fragments.map(({ body }) => body ?? []), document.graph.body];
  return bodies.flat().find(({ from }) => from >= lineStart && from <= lineEnd);
}
