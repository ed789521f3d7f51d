import { type Extension, RangeSetBuilder, StateEffect } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { KEYWORDS } from "../../nnef/ops.js";
import { skipBlank, type Token, tokenAt } from "../../nnef/tokens.js";
import type { Occurrences } from "./occurrences.js";

const mark = (kind: string) => Decoration.mark({ class: `nnef-${kind}` });
const MARKS = {
  comment: mark("comment"),
  keyword: mark("keyword"),
  string: mark("string"),
  number: mark("number"),
  definition: mark("definition"),
  use: mark("use"),
  op: mark("op"),
  symbol: mark("symbol"),
};

/** Signals new facts for an unchanged text. */
export const reread = StateEffect.define<null>();

export const isReread = ({ transactions }: ViewUpdate): boolean =>
  transactions.some(({ effects }) => effects.some((each) => each.is(reread)));

/** Highlights the visible text: words by the tokenizer, names by their meaning. */
export function highlight(occurrences: () => Occurrences | undefined): Extension {
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = painted(view, occurrences());
      }
      update(update: ViewUpdate) {
        if (update.docChanged || update.viewportChanged || isReread(update)) {
          this.decorations = painted(update.view, occurrences());
        }
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

function painted(view: EditorView, occurrences: Occurrences | undefined): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const { doc } = view.state;
  for (const { from, to } of view.visibleRanges) {
    // Tokens do not span lines, except strings: starting at whole lines is enough.
    const start = doc.lineAt(from).from;
    const text = doc.sliceString(start, to);
    const named = new Map(
      (occurrences?.within(start, to) ?? []).map((each) => [each.from, each.role] as const),
    );
    for (let at = 0; at < text.length; ) {
      const next = skipBlank(text, at);
      for (const comment of text.slice(at, next).matchAll(/#[^\r\n]*/g)) {
        const begin = start + at + comment.index;
        builder.add(begin, begin + comment[0].length, MARKS.comment);
      }
      const token = tokenAt(text, next);
      if (token.kind === "end") break;
      const kind = kindOf(token, text, named.get(start + token.from));
      if (kind) builder.add(start + token.from, start + token.to, MARKS[kind]);
      at = token.to;
    }
  }
  return builder.finish();
}

function kindOf(token: Token, text: string, role: keyof typeof MARKS | undefined) {
  if (role) return role;
  if (token.kind === "string" || token.kind === "number") return token.kind;
  const isKeyword = token.kind === "word" && KEYWORDS.has(text.slice(token.from, token.to));
  return isKeyword ? "keyword" : undefined;
}
