import { hoverTooltip } from "@codemirror/view";
import { factParts } from "../../model/facts.js";
import type { ModelView } from "../../model/view.js";
import { OPS, shortOp } from "../../nnef/ops.js";
import type { Occurrence, Occurrences } from "./occurrences.js";

export interface HelpSource {
  readonly view: ModelView;
  readonly occurrences: Occurrences;
}

/** Hover text: the description of an op, or the fact and number of uses of a name. */
export function help(source: () => HelpSource | undefined) {
  return hoverTooltip((editor, offset) => {
    const known = source();
    const found = known?.occurrences.at(offset);
    if (!known || !found) return null;
    const lines = found.role === "op" ? ofOp(found, known) : ofName(found, known, editor.state.doc);
    if (lines.length === 0) return null;
    return {
      pos: found.from,
      end: found.to,
      create: () => {
        const dom = document.createElement("div");
        dom.className = "nnef-help";
        dom.append(...lines);
        return { dom };
      },
    };
  });
}

function line(className: string, ...content: (string | Node)[]): HTMLElement {
  const element = document.createElement("div");
  element.className = className;
  element.append(...content);
  return element;
}

/** A fact with highlighted symbols. */
export function factChip(fact: string): HTMLElement {
  const chip = document.createElement("span");
  chip.className = "fact";
  for (const { text, symbol } of factParts(fact)) {
    const part = document.createElement(symbol ? "b" : "span");
    part.textContent = text;
    chip.append(part);
  }
  return chip;
}

function ofOp({ name }: Occurrence, { view }: HelpSource): HTMLElement[] {
  const fragment = view.document.fragments.find((each) => each.name.name === name);
  const known = OPS.get(name);
  if (fragment) {
    const parameters = fragment.parameters.map((each) => each.name.name);
    return [
      line("nnef-help-name", `${name}(${parameters.join(", ")})`),
      line("", "A fragment of this text: its body stands above the graph."),
    ];
  }
  if (!known)
    return [line("nnef-help-name", name), line("", "This op is not known to the inspector.")];
  const lines = [
    line("nnef-help-name", `${shortOp(name)}(${known.params.join(", ")})`),
    line("", known.says),
  ];
  if (known.keeps) lines.push(line("nnef-help-state", "Keeps state between pulses."));
  return lines;
}

function ofName(
  { name, role }: Occurrence,
  { view, occurrences }: HelpSource,
  doc: { lineAt(offset: number): { number: number } },
): HTMLElement[] {
  if (role === "symbol") return [line("", `A size left open: ${name}.`)];
  const all = occurrences.of(name);
  const definition = all.find((each) => each.role === "definition");
  const fact = view.facts.get(view.scopes.graph.aliases.get(name) ?? name);
  const uses = all.length - (definition ? 1 : 0);
  const where = definition ? `defined in line ${doc.lineAt(definition.from).number}` : "given";
  return [
    line("nnef-help-name", name.slice(name.lastIndexOf("/") + 1)),
    ...(fact ? [line("", factChip(fact))] : []),
    line("nnef-help-muted", `${where}, used ${uses} ${uses === 1 ? "time" : "times"}`),
  ];
}
