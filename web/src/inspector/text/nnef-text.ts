import { standardKeymap } from "@codemirror/commands";
import {
  codeFolding,
  foldEffect,
  foldedRanges,
  foldGutter,
  foldKeymap,
  unfoldEffect,
} from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type StateEffect } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers } from "@codemirror/view";
import type { PropertyValues } from "lit";
import type { ModelView } from "../../model/view.js";
import { emit } from "../base/events.js";
import { InspectorPart } from "../base/inspector-part.js";
import { folding } from "./folding.js";
import { type HelpSource, help } from "./help.js";
import { highlight, isReread, reread } from "./highlight.js";
import { light, litNames } from "./highlighted-names.js";
import { Occurrences } from "./occurrences.js";

/** `<nnef-text>`: the text of graph.nnef. Styled by `inspector.css`. */
export class NnefText extends InspectorPart {
  static override properties = {
    view: { attribute: false },
    source: { attribute: false },
    selected: {},
    hovered: {},
    symbol: {},
    line: { type: Number },
  };

  /** The model to show. */
  declare view: ModelView | undefined;
  /** Text to show before parsing, or if it fails. */
  declare source: string | undefined;
  declare selected: string | undefined;
  declare hovered: string | undefined;
  declare symbol: string | undefined;
  /** Line to scroll to, from 1. */
  declare line: number | undefined;

  #editor: EditorView | undefined;
  #known: HelpSource | undefined;
  #pressed: string | undefined;

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#editor?.destroy();
    this.#editor = undefined;
  }

  protected override updated(changed: PropertyValues<this>) {
    if (changed.has("view") || changed.has("source")) this.#show();
    if (changed.has("line") && this.line) this.#goToLine(this.line);
    const lights = ["selected", "hovered", "symbol", "view"] as const;
    if (lights.some((each) => changed.has(each))) this.#light(changed.has("selected"));
  }

  #show() {
    const { view } = this;
    const text = view?.text ?? this.source ?? "";
    const before = this.#known;
    const isRead = before?.view.document === view?.document;
    const known = isRead ? before?.occurrences : view && new Occurrences(view.document);
    this.#known = view && known && { view, occurrences: known };
    const isShown = this.#editor?.state.sliceDoc() === text;
    if (!isShown) {
      this.#editor?.destroy();
      this.#editor = new EditorView({ state: this.#state(text), parent: this });
    }
    // The syntax tree and facts arrive later: keep what the user folded.
    if (!isShown || !isRead) {
      this.#editor?.dispatch({ effects: [reread.of(null), ...this.#fragmentFolds()] });
    }
  }

  #state(text: string): EditorState {
    return EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        codeFolding(),
        foldGutter({ openText: "▾", closedText: "▸", foldingChanged: isReread }),
        EditorState.readOnly.of(true),
        // Offsets count CR LF as two characters.
        EditorState.lineSeparator.of("\n"),
        EditorView.contentAttributes.of({
          "aria-label": "graph.nnef",
          inputmode: "none",
          tabindex: "0",
        }),
        drawSelection(),
        search({ top: true }),
        highlightSelectionMatches(),
        highlight(() => this.#known?.occurrences),
        folding(() => this.#known?.view.document),
        help(() => this.#known),
        litNames,
        keymap.of([
          { key: "Enter", run: (view) => this.#select(view.state.selection.main.head) },
          ...searchKeymap,
          ...foldKeymap,
          ...standardKeymap,
        ]),
        EditorView.domEventHandlers({
          mousemove: (event, view) => this.#hover(event, view),
          mouseleave: () => emit(this, "nnef-hover", { name: undefined }),
          click: (event, view) => {
            const at = view.posAtCoords(event);
            if (at !== null && view.state.selection.main.empty) this.#select(at);
          },
        }),
      ],
    });
  }

  /** Folds the bodies of fragments at first, so that the graph is visible. */
  #fragmentFolds(): StateEffect<unknown>[] {
    const fragments = this.#known?.view.document.fragments ?? [];
    return fragments.flatMap(({ body, from, to }) => {
      const open = this.#editor?.state.sliceDoc(from, to).indexOf("{") ?? -1;
      return body && open >= 0 ? [foldEffect.of({ from: from + open + 1, to: to - 1 })] : [];
    });
  }

  #select(offset: number): boolean {
    const found = this.#known?.occurrences.at(offset);
    if (!found || found.role === "op") return false;
    if (found.role === "symbol") emit(this, "nnef-symbol", { symbol: found.name });
    else {
      this.#pressed = found.name;
      emit(this, "nnef-select", { name: found.name });
    }
    return true;
  }

  #hover(event: MouseEvent, view: EditorView) {
    const at = view.posAtCoords(event);
    const found = at === null ? undefined : this.#known?.occurrences.at(at);
    const isName = found?.role === "definition" || found?.role === "use";
    const name = isName ? found.name : undefined;
    if (name !== this.hovered) emit(this, "nnef-hover", { name });
    const symbol = found?.role === "symbol" ? found.name : undefined;
    if (symbol !== this.symbol) emit(this, "nnef-symbol", { symbol });
  }

  #light(toShow: boolean) {
    const { selected, hovered, symbol } = this;
    const occurrences = this.#known?.occurrences;
    if (!this.#editor || !occurrences) return;
    const of = (name: string | undefined) => (name === undefined ? [] : occurrences.of(name));
    const lit = { selected: of(selected), hovered: of(hovered), symbol: of(symbol) };
    const isLit = Object.values(lit).some((ranges) => ranges.length > 0);
    if (isLit || this.#editor.state.field(litNames).size > 0) {
      this.#editor.dispatch({ effects: light.of(lit) });
    }
    // A name selected in this text is already visible.
    const target = selected === undefined ? undefined : occurrences.definition(selected);
    if (toShow && target && this.#pressed !== selected) this.#reveal(target.from);
    this.#pressed = undefined;
  }

  #goToLine(line: number) {
    const doc = this.#editor?.state.doc;
    if (doc) this.#reveal(doc.line(Math.max(1, Math.min(doc.lines, line))).from);
  }

  #reveal(offset: number) {
    if (this.#editor) unfoldAround(this.#editor, offset);
    this.#editor?.dispatch({ effects: EditorView.scrollIntoView(offset, { y: "center" }) });
  }
}

/** Unfolds the range around an offset. */
function unfoldAround(editor: EditorView, offset: number) {
  const effects: StateEffect<unknown>[] = [];
  foldedRanges(editor.state).between(offset, offset, (from, to) => {
    effects.push(unfoldEffect.of({ from, to }));
  });
  if (effects.length > 0) editor.dispatch({ effects });
}
