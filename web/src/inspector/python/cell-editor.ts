import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import {
  bracketMatching,
  HighlightStyle,
  indentUnit,
  syntaxHighlighting,
} from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const style = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], fontWeight: "600" },
  { tag: tags.comment, color: "var(--muted)", fontStyle: "italic" },
  { tag: [tags.string, tags.number, tags.bool, tags.null], color: "var(--probability)" },
  { tag: tags.function(tags.definition(tags.variableName)), fontWeight: "600" },
]);

/** An editor for one cell of Python. */
export function cellEditor(parent: HTMLElement, code: string, run: () => void): EditorView {
  return new EditorView({
    parent,
    state: EditorState.create({
      doc: code,
      extensions: [
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        indentUnit.of("    "),
        python(),
        syntaxHighlighting(style),
        EditorView.contentAttributes.of({ "aria-label": "Python cell", tabindex: "0" }),
        keymap.of([
          {
            key: "Mod-Enter",
            run: () => {
              run();
              return true;
            },
          },
          // Escape, then Tab, leaves the editor, as the CodeMirror documentation recommends.
          indentWithTab,
          ...historyKeymap,
          ...defaultKeymap,
        ]),
      ],
    }),
  });
}
