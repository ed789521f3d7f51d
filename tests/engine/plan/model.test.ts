import { InputError, loadTract, PulseError, type Tract, type TractError, tensor } from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archive, doubling, moving, strided } from "../archives.js";

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract.dispose());

function thrown(call: () => unknown): TractError {
  try {
    call();
  } catch (error) {
    return error as TractError;
  }
  throw new Error("nothing was thrown");
}

test("facts, symbols and properties are plain data", async () => {
  const model = await tract.load(
    archive({
      extensions: ["tract_symbol B", "tract_symbol S"],
      inputs: { x: "B,S,4,f32" },
      body: "  y = sum_reduce(x, axes = [2]);",
      outputs: ["y"],
      properties: '[("author", "somebody"), ("rate", 16000), ("sizes", [1, 2])]',
    }),
  );
  expect(model.inputs).toEqual([
    { name: "x", dtype: "f32", shape: ["B", "S", 4], fact: "B,S,4,f32" },
  ]);
  expect(model.outputs).toEqual([
    { name: "y", dtype: "f32", shape: ["B", "S", 1], fact: "B,S,1,f32" },
  ]);
  expect(model.symbols).toEqual(["B", "S"]);
  expect(model.asserts).toEqual([]);
  expect(model.modes).toEqual({});
  expect(model.properties).toMatchObject({ author: "somebody" });
  expect(structuredClone(model.properties)).toEqual(model.properties);
});

test("setting symbols gives a new model and leaves the first as it was", async () => {
  const model = await tract.load(doubling);
  const fixed = model.setSymbols({ S: 3 });
  expect(fixed.inputs[0]?.fact).toBe("1,3,4,f32");
  expect(fixed.symbols).toEqual([]);
  expect(model.inputs[0]?.fact).toBe("1,S,4,f32");
  model.dispose();
  const x = tensor(new Float32Array(12), [1, 3, 4]);
  expect(fixed.prepare().run({ x }).y?.shape).toEqual([1, 3, 4]);
});

test("symbols that are not there, or values that are none, are refused", async () => {
  const model = await tract.load(doubling);
  for (const values of [{ T: 1 }, { S: 1.5 }, { S: -1 }, { S: Number.NaN }]) {
    const error = thrown(() => model.setSymbols(values));
    expect(error).toBeInstanceOf(InputError);
    expect(error.code).toBe("symbols");
  }
});

test("pulsing gives a new model that says how far it lags", async () => {
  const model = await tract.load(moving);
  const pulsed = model.pulse("S", 4);
  expect(pulsed.inputs[0]?.fact).toBe("1,1,4,f32");
  expect(pulsed.outputs[0]?.fact).toBe("1,1,4,f32");
  expect(pulsed.properties).toMatchObject({
    "pulse.delay": [2],
    "pulse.input_axes": [2],
    "pulse.output_axes": [2],
    "pulse.streaming_symbol": ["S"],
  });
  expect(model.inputs[0]?.fact).toBe("1,1,S,f32");
});

test("a pulse that cannot be says which can", async () => {
  const model = await tract.load(strided);
  const error = thrown(() => model.pulse("S", 7)) as PulseError;
  expect(error).toBeInstanceOf(PulseError);
  expect(error).toMatchObject({ code: "pulse", symbol: "S", pulse: 7 });
  expect(error.possible).toContain(6);
  expect(error.possible).toContain(8);
  for (const possible of error.possible) {
    expect(model.pulse("S", possible).inputs[0]?.shape).toEqual([1, 1, possible]);
  }
  expect(thrown(() => model.pulse("S", 0))).toBeInstanceOf(PulseError);
  expect(thrown(() => model.pulse("T", 4))).toMatchObject({ code: "pulse", possible: [] });
  expect(thrown(() => model.pulse("S", 1.5))).toBeInstanceOf(InputError);
});

test("the graph lists nodes in an order in which they can be computed", async () => {
  const graph = (await tract.load(moving)).graph();
  const seen = new Set<number>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) expect(seen.has(input.node)).toBe(true);
    seen.add(node.id);
  }
  const conv = graph.nodes.find((node) => node.op === "Conv");
  expect(conv?.outputs[0]).toMatchObject({ dtype: "f32", constant: false });
  expect(conv?.outputs[0]?.shape).toEqual([1, 1, expect.stringContaining("S")]);
  expect(graph.nodes.filter((node) => node.op === "Source").map((node) => node.name)).toEqual([
    "x",
  ]);
  expect(graph.outputs).toHaveLength(1);
  expect(structuredClone(graph)).toEqual(graph);
});

test("a written model loads again and computes the same", async () => {
  for (const source of [doubling, moving, strided]) {
    const model = await tract.load(source);
    const again = await tract.load(await model.toNnef());
    expect(again.inputs).toEqual(model.inputs);
    expect(again.outputs).toEqual(model.outputs);
    const shape = model.inputs[0]?.shape.map((dim) => (dim === "S" ? 9 : (dim as number))) ?? [];
    const size = shape.reduce((a, b) => a * b, 1);
    const x = tensor(
      Float32Array.from({ length: size }, (_, ix) => Math.sin(ix)),
      shape,
    );
    expect(again.prepare().run({ x })).toEqual(model.prepare().run({ x }));
  }
});

test("a written model carries its conditions and its pulses", async () => {
  const model = await tract.load(
    archive({
      extensions: ["tract_symbol S", "tract_assert S < 10", "tract_assert one: S == 1"],
      inputs: { x: "S,f32" },
      body: "  y = x + 1.0;",
      outputs: ["y"],
    }),
  );
  const again = await tract.load(await model.toNnef());
  expect(again.asserts.map((text) => text.replaceAll(" ", ""))).toEqual(["S<10"]);
  expect(Object.keys(again.modes)).toEqual(["one"]);

  const pulsed = (await tract.load(moving)).pulse("S", 4);
  const pulsedAgain = await tract.load(await pulsed.toNnef());
  expect(pulsedAgain.properties["pulse.delay"]).toEqual(pulsed.properties["pulse.delay"]);
  expect(pulsedAgain.inputs).toEqual(pulsed.inputs);
});

test("exact GELU is written as what it stands for", async () => {
  const model = await tract.load(
    archive({
      inputs: { x: "5,f32" },
      body: "  y = (x * 0.5) * (tract_core_erf(x * 0.70710678118) + 1.0);",
      outputs: ["y"],
    }),
  );
  const tgz = await model.toNnef();
  const x = tensor(new Float32Array([-3, -1, 0, 0.5, 2]), [5]);
  const { y } = (await tract.load(tgz)).prepare().run({ x });
  // 0.5 x (1 + erf(x / sqrt 2)), from tables of the normal distribution.
  const expected = [-3 * 0.001349898, -0.158655254, 0, 0.5 * 0.691462461, 2 * 0.977249868];
  expected.forEach((value, ix) => {
    expect(y?.data[ix]).toBeCloseTo(value, 5);
  });
});
