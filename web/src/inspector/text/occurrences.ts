import {
  type Assignment,
  childrenOf,
  type Expression,
  type NnefDocument,
  namesOf,
  type Range,
} from "../../nnef/syntax.js";

/** An occurrence of a name or op. `name` is as in the selection: `fragment/wire` inside a fragment. */
export interface Occurrence extends Range {
  readonly name: string;
  readonly role: "definition" | "use" | "op" | "symbol";
}

/** All names and operations of a text, in order, and the occurrences of each name. */
export class Occurrences {
  readonly #sorted: readonly Occurrence[];
  readonly #byName = new Map<string, Occurrence[]>();

  constructor(document: NnefDocument) {
    const all: Occurrence[] = [];
    const symbols = new Set(
      document.extensions.flatMap(({ name, rest }) => (name === "tract_symbol" ? [rest] : [])),
    );
    const note = (range: Range, name: string, role: Occurrence["role"]) =>
      all.push({ from: range.from, to: range.to, name, role });
    const expression = (value: Expression, scope: string, known: ReadonlySet<string>) => {
      if (value.kind === "call") note(value.op, value.op.name, "op");
      if (value.kind === "name" && known.has(value.name)) note(value, scope + value.name, "use");
      else if (value.kind === "name" && symbols.has(value.name)) note(value, value.name, "symbol");
      for (const child of childrenOf(value)) expression(child, scope, known);
    };
    const body = (assignments: readonly Assignment[], scope: string, given: readonly string[]) => {
      const known = new Set(given);
      for (const { target, value } of assignments) {
        const made = namesOf(target);
        expression(value, scope, known);
        for (const name of made) {
          note(name, scope + name.name, "definition");
          known.add(name.name);
        }
      }
    };
    for (const fragment of document.fragments) {
      const scope = `${fragment.name.name}/`;
      note(fragment.name, fragment.name.name, "op");
      for (const { name } of fragment.parameters) note(name, scope + name.name, "definition");
      for (const { name } of fragment.results) note(name, scope + name.name, "use");
      const given = fragment.parameters.map(({ name }) => name.name);
      body(fragment.body ?? [], scope, given);
    }
    const { graph } = document;
    for (const name of [...graph.inputs, ...graph.outputs]) note(name, name.name, "use");
    body(
      graph.body,
      "",
      graph.inputs.map(({ name }) => name),
    );

    this.#sorted = all.sort((a, b) => a.from - b.from);
    for (const each of this.#sorted) {
      if (each.role === "op") continue;
      const list = this.#byName.get(each.name) ?? [];
      list.push(each);
      this.#byName.set(each.name, list);
    }
  }

  of(name: string): readonly Occurrence[] {
    return this.#byName.get(name) ?? [];
  }

  definition(name: string): Occurrence | undefined {
    return this.of(name).find((each) => each.role === "definition") ?? this.of(name)[0];
  }

  at(offset: number): Occurrence | undefined {
    const after = this.#from(offset + 1);
    const before = this.#sorted[after - 1];
    return before && before.to >= offset ? before : undefined;
  }

  /** Occurrences that start between two offsets. */
  within(from: number, to: number): readonly Occurrence[] {
    return this.#sorted.slice(this.#from(from), this.#from(to));
  }

  /** Index of the first occurrence at or after an offset. */
  #from(offset: number): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle]?.from ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
