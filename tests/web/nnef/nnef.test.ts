import { describe, expect, test } from "vitest";
import { InspectError } from "../../../web/src/base/inspect-error.js";
import { Occurrences } from "../../../web/src/inspector/text/occurrences.js";
import { fold } from "../../../web/src/model/fold.js";
import { propertiesOf } from "../../../web/src/model/properties.js";
import { Scopes } from "../../../web/src/model/scope.js";
import { parseNnef } from "../../../web/src/nnef/parse.js";
import { childrenOf, type Expression } from "../../../web/src/nnef/syntax.js";
import { TEXT } from "../inspector/archives.js";
import { random } from "../random.js";

const graphOf = (body: string, inputs = "x", outputs = "y"): string =>
  `version 1.0; graph g(${inputs}) -> (${outputs}) { ${body} }`;

function failing(text: string): InspectError {
  try {
    parseNnef(text);
  } catch (error) {
    if (error instanceof InspectError) return error;
    throw error;
  }
  throw new Error("it parsed");
}

function ranges(expression: Expression): Expression[] {
  return [expression, ...childrenOf(expression).flatMap(ranges)];
}

describe("the parser", () => {
  test("reads extensions, fragments, declarations, scans, escaped names and comments", () => {
    const document = parseNnef(TEXT);
    expect(document.extensions.map(({ name, rest }) => `${name}|${rest}`)).toEqual([
      "tract_registry|tract_core",
      "tract_symbol|S",
      "tract_assert|S >= 1",
    ]);
    expect(document.fragments.map(({ name, body }) => [name.name, body?.length])).toEqual([
      ["step", 1],
      ["declared", undefined],
      ["recurrent", 1],
      ["tract_core_properties", 1],
    ]);
    expect(document.fragments[1]?.parameters[1]?.type).toBe("integer[]");
    expect(document.graph.body).toHaveLength(14);
  });

  test("every node of the tree stands for its own text", () => {
    const { graph, fragments } = parseNnef(TEXT);
    const bodies = [graph.body, ...fragments.map(({ body }) => body ?? [])].flat();
    for (const { value } of bodies) {
      for (const each of ranges(value)) {
        const source = TEXT.slice(each.from, each.to);
        if (each.kind === "name" && !source.startsWith("i")) expect(source).toBe(each.name);
        if (each.kind === "number") expect(source.replaceAll(" ", "")).toBe(each.text);
        if (each.kind === "call") expect(source).toMatch(/^\w+(<\w+>)?\([\s\S]*\)$/);
        for (const child of childrenOf(each)) {
          expect(child.from).toBeGreaterThanOrEqual(each.from);
          expect(child.to).toBeLessThanOrEqual(each.to);
        }
      }
    }
  });

  test("operators bind as tract has them, to the left", () => {
    const shape = (expression: Expression): string => {
      if (expression.kind === "binary") {
        return `(${shape(expression.left)}${expression.op}${shape(expression.right)})`;
      }
      return expression.kind === "name" ? expression.name : expression.kind;
    };
    const read = (text: string) => {
      const [assignment] = parseNnef(graphOf(`y = ${text};`)).graph.body;
      return assignment ? shape(assignment.value) : "";
    };
    expect(read("a + b * c ^ d - e")).toBe("((a+(b*(c^d)))-e)");
    expect(read("a < b + c && d == e")).toBe("((a<(b+c))&&(d==e))");
    expect(read("(a + b) * c")).toBe("((a+b)*c)");
  });

  test("an error says where, and what was expected", () => {
    const error = failing("version 1.0;\ngraph g(x) -> (y)\n{\n  y = relu(x;\n}");
    expect(error.code).toBe("syntax");
    expect(error.place).toEqual({ offset: 45, line: 4, column: 13 });
    expect(error.message).toBe('graph.nnef, line 4, column 13: expected ")", found ";"');
  });

  test("nesting, chains and size end in a limit, not in an overflow", () => {
    expect(failing(graphOf(`y = ${"(".repeat(1e5)}x;`)).code).toBe("limit");
    expect(failing(graphOf(`y = ${"f(".repeat(1e5)}x;`)).code).toBe("limit");
    expect(failing(graphOf(`y = ${"-".repeat(1e5)}x;`)).code).toBe("limit");
    expect(failing(graphOf(`y = x${" + x".repeat(1e5)};`)).code).toBe("limit");
    expect(failing(`version 1.0; fragment f(a: ${"(".repeat(1e5)}`).code).toBe("limit");
    const small = {
      archiveBytes: 1,
      unpackedBytes: 1,
      files: 1,
      textBytes: 1,
      depth: 64,
      syntaxNodes: 50,
      tensorBytes: 1,
    };
    expect(() => parseNnef(graphOf(`y = [${"1,".repeat(100)}1];`), small)).toThrow(InspectError);
  });

  test("mutated texts parse or end in a typed error inside the text, and what parses can be folded", () => {
    const next = random(7);
    const marks = `(){}[]<>;:,="'\\#+-*/^ \n0ie`;
    for (let round = 0; round < 3000; round++) {
      let text = TEXT;
      for (let change = 0; change < 1 + next() * 4; change++) {
        const at = Math.floor(next() * text.length);
        const mark = marks[Math.floor(next() * marks.length)] ?? "";
        const kind = next();
        if (kind < 0.4) text = text.slice(0, at) + mark + text.slice(at);
        else if (kind < 0.7)
          text = text.slice(0, at) + text.slice(at + 1 + Math.floor(next() * 20));
        else if (kind < 0.9) text = text.slice(0, at) + mark + text.slice(at + 1);
        else text = text.slice(0, at);
      }
      try {
        const document = parseNnef(text);
        const scopes = new Scopes(text, document);
        fold(scopes.graph);
        for (const { name } of document.fragments) scopes.fragment(name.name);
        new Occurrences(document);
      } catch (error) {
        if (!(error instanceof InspectError)) throw error;
        expect(error.place?.offset).toBeLessThanOrEqual(text.length);
      }
    }
  });

  test("a long flat text is read in time that grows with its length only", () => {
    const body = Array.from({ length: 10_000 }, (_, at) => `v${at + 1} = relu(v${at});`).join("\n");
    const document = parseNnef(graphOf(`${body}`, "v0", "v10000"));
    expect(document.graph.body).toHaveLength(10_000);
  });
});

describe("the graph", () => {
  const scopes = new Scopes(TEXT, parseNnef(TEXT));
  const node = (id: string) => scopes.graph.nodes.find((each) => each.id === id);

  test("wires, parameters and attributes of each operation", () => {
    expect(node("conv1")?.inputs).toEqual([
      { role: "input", wire: "odd name" },
      { role: "filter", wire: "w" },
      { role: "bias", wire: "b" },
    ]);
    expect(node("output")?.attributes).toEqual([{ name: "axes", text: "2" }]);
    expect(node("joined")?.inputs.map(({ wire }) => wire)).toEqual(["left", "right"]);
    expect(node("left")?.outputs).toEqual(["left", "right"]);
  });

  test("another name for a wire is that wire", () => {
    expect(node("kept")?.inputs).toEqual([{ role: "input", wire: "relu1" }]);
  });

  test("what is nested becomes nodes of its own", () => {
    const inside = scopes.graph.nodes.filter(({ id }) => id.startsWith("scaled"));
    expect(inside.map(({ op }) => op).sort()).toEqual(["add", "mul", "neg", "pow", "sub"]);
  });

  test("what keeps a state is found, also through fragments", () => {
    expect(node("kept")?.memory).toEqual({ kind: "delay", axis: 2, delay: 1, overlap: 4 });
    expect(node("h")?.memory).toEqual({ kind: "scan" });
    expect(scopes.graph.nodes.filter(({ memory }) => memory)).toHaveLength(2);
  });

  test("weights, bias and activation fold into their operation, delays never do", () => {
    const folded = fold(scopes.graph);
    const conv = folded.find(({ raw }) => raw.id === "conv1");
    expect(conv?.constants.map(({ role, chain }) => [role, chain[0]?.constant?.label])).toEqual([
      ["filter", "conv/w"],
      ["bias", "conv/b"],
    ]);
    expect(conv?.absorbed.map(({ op }) => op)).toEqual(["relu"]);
    expect(conv?.outputs).toEqual(["relu1"]);
    expect(folded.map(({ raw }) => raw.id)).toContain("kept");
  });

  test("folding loses no node and no wire", () => {
    const folded = fold(scopes.graph);
    const home = new Set(
      folded.flatMap(({ raw, absorbed, constants }) => [
        raw,
        ...absorbed,
        ...constants.flatMap(({ chain }) => chain),
      ]),
    );
    expect(home).toEqual(new Set(scopes.graph.nodes));
    const made = new Set(folded.flatMap(({ outputs }) => outputs));
    for (const { wire } of folded.flatMap(({ inputs }) => inputs)) expect(made).toContain(wire);
  });

  test("what is made of literals alone folds as a literal does", () => {
    const text = `version 1.0;
graph g(x) -> (y) {
  x = tract_core_external(shape = [S, 4], datum_type = 'f32');
  w = variable<scalar>(label = "w", shape = [4, 4]);
  product = linear(x, w);
  zero = unsqueeze(0.0, axes = [0]);
  low = max(product, zero);
  most = unsqueeze(20.0, axes = [0]);
  y = min(low, most);
}`;
    const folded = fold(new Scopes(text, parseNnef(text)).graph);
    expect(folded.map(({ raw }) => raw.id)).toEqual(["x", "product"]);
    expect(folded[1]?.absorbed.map(({ op }) => op)).toEqual(["max", "min"]);
  });

  test("sizes fold into what they are for; positions made of them stay", () => {
    const text = `version 1.0;
graph g(x) -> (y) {
  x = tract_core_external(shape = [B, S, 4], datum_type = 'f32');
  s = tract_core_shape_of(x);
  one = slice(s, axes = [0], begin = [1], end = [2], stride = [1]);
  length = squeeze(one, axes = [0]);
  more = add(length, length);
  at = tract_core_range(0, more, step = 1);
  flat = reshape(x, shape = [more, -1]);
  y = mul(flat, at);
}`;
    const { graph } = new Scopes(text, parseNnef(text));
    const folded = fold(graph);
    expect(folded.map(({ raw }) => raw.id)).toEqual(["x", "at", "flat", "y"]);
    const flat = folded.find(({ raw }) => raw.id === "flat");
    expect(flat?.inputs.map(({ wire }) => wire)).toEqual(["x"]);
    const [size] = flat?.constants ?? [];
    expect(size?.isSize).toBe(true);
    expect(size?.chain.map(({ id }) => id)).toEqual(["s", "one", "length", "more"]);
  });

  test("properties are read as written", () => {
    expect([...propertiesOf(parseNnef(TEXT), TEXT)]).toEqual([
      ["pulse.delay", "3"],
      ["name", "it"],
    ]);
  });

  test("fragments that call each other in a circle end", () => {
    const text =
      "version 1.0; fragment a(x: tensor<scalar>) -> (y: tensor<scalar>) { y = b(x); } " +
      "fragment b(x: tensor<scalar>) -> (y: tensor<scalar>) { y = a(x); } " +
      "graph g(x) -> (y) { x = external(shape = [1]); y = a(x); }";
    const circle = new Scopes(text, parseNnef(text));
    expect(circle.graph.nodes.at(-1)?.memory).toBeUndefined();
  });
});

describe("names in the text", () => {
  const occurrences = new Occurrences(parseNnef(TEXT));

  test("definition and uses", () => {
    expect(occurrences.of("relu1").map(({ role }) => role)).toEqual(["definition", "use"]);
    expect(occurrences.of("step/h_prev").map(({ role }) => role)).toEqual(["definition", "use"]);
  });

  test("what stands at an offset", () => {
    const at = TEXT.indexOf("tract_pulse_delay");
    expect(occurrences.at(at + 3)).toMatchObject({ role: "op", name: "tract_pulse_delay" });
    expect(occurrences.at(TEXT.indexOf("[1, S, 4]") + 4)).toMatchObject({
      role: "symbol",
      name: "S",
    });
    expect(occurrences.at(0)).toBeUndefined();
  });
});
