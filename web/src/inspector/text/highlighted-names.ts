import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView } from "@codemirror/view";
import type { Range } from "../../nnef/syntax.js";

/** Ranges to highlight: those of the selected and the hovered name. */
export interface Lit {
  readonly selected: readonly Range[];
  readonly hovered: readonly Range[];
  readonly symbol: readonly Range[];
}

export const light = StateEffect.define<Lit>();

const marks = {
  selected: Decoration.mark({ class: "nnef-selected" }),
  hovered: Decoration.mark({ class: "nnef-hovered" }),
  symbol: Decoration.mark({ class: "nnef-symbol-lit" }),
};

export const litNames = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(lit, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(light)) continue;
      const kinds = ["selected", "hovered", "symbol"] as const;
      const ranges = kinds.flatMap((kind) =>
        effect.value[kind].map(({ from, to }) => marks[kind].range(from, to)),
      );
      return Decoration.set(ranges, true);
    }
    return transaction.docChanged ? Decoration.none : lit;
  },
  provide: (field) => EditorView.decorations.from(field),
});
