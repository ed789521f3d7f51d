import {
  AssertError,
  type Dtype,
  InputError,
  loadTract,
  ModeError,
  type Tensor,
  TooShortError,
  type Tract,
  type TractError,
  tensor,
} from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archive, cached, doubling, moving } from "../archives.js";

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract.dispose());

const zeros = (...shape: number[]): Tensor<"f32"> =>
  tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);

function thrown(call: () => unknown): TractError {
  try {
    call();
  } catch (error) {
    return error as TractError;
  }
  throw new Error("nothing was thrown");
}

test("symbols take their value from each call", async () => {
  const runnable = (await tract.load(doubling)).prepare();
  for (const frames of [1, 7, 0, 100]) {
    const data = Float32Array.from({ length: frames * 4 }, (_, ix) => ix);
    const { y } = runnable.run({ x: tensor(data, [1, frames, 4]) });
    expect(y?.shape).toEqual([1, frames, 4]);
    expect(y?.data).toEqual(data.map((x) => 2 * x + 1));
  }
});

test("what is given is not changed, what is got is nobody else's", async () => {
  const runnable = (await tract.load(doubling)).prepare();
  const x = tensor(new Float32Array([1, 2, 3, 4]), [1, 1, 4]);
  const first = runnable.run({ x });
  const second = runnable.run({ x: tensor(new Float32Array(4), [1, 1, 4]) });
  expect([...x.data]).toEqual([1, 2, 3, 4]);
  expect([...(first.y?.data ?? [])]).toEqual([3, 5, 7, 9]);
  expect([...(second.y?.data ?? [])]).toEqual([1, 1, 1, 1]);
});

test("several inputs and outputs go by name", async () => {
  const model = await tract.load(
    archive({
      inputs: { a: "2,f32", b: "2,i64" },
      body: "  c = 10.0 * a;\n  d = b + b;\n  e = a - 1.0;",
      outputs: ["d", "c", "e"],
    }),
  );
  expect(model.inputs.map(({ name, dtype }) => [name, dtype])).toEqual([
    ["a", "f32"],
    ["b", "i64"],
  ]);
  const outputs = model.prepare().run({
    b: tensor(new BigInt64Array([-3n, 5n]), [2]),
    a: tensor(new Float32Array([1, 2]), [2]),
  });
  expect(Object.keys(outputs)).toEqual(["d", "c", "e"]);
  expect(outputs.d).toEqual(tensor(new BigInt64Array([-6n, 10n]), [2]));
  expect(outputs.c).toEqual(tensor(new Float32Array([10, 20]), [2]));
  expect(outputs.e).toEqual(tensor(new Float32Array([0, 1]), [2]));
});

const samples: { [D in Dtype]: Tensor<D> } = {
  f32: tensor(new Float32Array([1.5, -0, Number.NaN])),
  f64: tensor(new Float64Array([1e300, -0, Number.NaN])),
  f16: tensor(new Uint16Array([0x3c00, 0x8000, 0x7e00]), [3], "f16"),
  i8: tensor(new Int8Array([-128, 0, 127])),
  i16: tensor(new Int16Array([-32768, 0, 32767])),
  i32: tensor(new Int32Array([-(2 ** 31), 0, 2 ** 31 - 1])),
  i64: tensor(new BigInt64Array([-(2n ** 63n), 0n, 2n ** 63n - 1n])),
  u8: tensor(new Uint8Array([0, 1, 255])),
  u16: tensor(new Uint16Array([0, 1, 65535])),
  u32: tensor(new Uint32Array([0, 1, 2 ** 32 - 1])),
  u64: tensor(new BigUint64Array([0n, 1n, 2n ** 64n - 1n])),
  bool: tensor(new Uint8Array([0, 1, 1]), [3], "bool"),
};

test.each(Object.entries(samples))("%s crosses unchanged", async (dtype, x) => {
  const model = await tract.load(
    archive({
      inputs: { x: `3,${dtype}` },
      body: "  y = [x, x];\n  z = concat([x, x], axis = 0);",
      outputs: ["z"],
    }),
  );
  expect(model.inputs[0]?.fact).toBe(`3,${dtype}`);
  const { z } = model.prepare().run({ x });
  expect(z?.dtype).toBe(dtype);
  expect([...(z?.data ?? [])]).toEqual([...x.data, ...x.data]);
});

test("a bool is true for any byte but 0", async () => {
  const model = await tract.load(
    archive({ inputs: { x: "3,bool" }, body: "  y = select(x, 1.0, 2.0);", outputs: ["y"] }),
  );
  const { y } = model.prepare().run({ x: tensor(new Uint8Array([0, 2, 255]), [3], "bool") });
  expect([...(y?.data ?? [])]).toEqual([2, 1, 1]);
});

test("inputs that do not fit are named", async () => {
  const runnable = (await tract.load(doubling)).prepare();
  const x = zeros(1, 1, 4);
  const cases: [string, () => unknown][] = [
    ["x", () => runnable.run({})],
    ["extra", () => runnable.run({ x, extra: x })],
    ["1,2,5,f32", () => runnable.run({ x: zeros(1, 2, 5) })],
    ["4,f32", () => runnable.run({ x: zeros(4) })],
    ["f64", () => runnable.run({ x: tensor(new Float64Array(4), [1, 1, 4]) })],
    ["Float32Array", () => runnable.run({ x: { ...x, data: [1, 2, 3, 4] as never } })],
    ["5", () => runnable.run({ x: { ...x, data: new Float32Array(5) } })],
  ];
  for (const [named, call] of cases) {
    const error = thrown(call);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain(named);
  }
  expect(runnable.run({ x }).y?.shape).toEqual([1, 1, 4]);
});

test("a symbol has one value in a call", async () => {
  const model = await tract.load(
    archive({
      extensions: ["tract_symbol S"],
      inputs: { a: "S,f32", b: "S,f32" },
      body: "  c = a + b;",
      outputs: ["c"],
    }),
  );
  const error = thrown(() => model.prepare().run({ a: zeros(3), b: zeros(4) }));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toContain("b: axis 0 is 4");
});

test("a dimension that is an expression is solved for its symbol", async () => {
  const model = await tract.load(
    archive({
      extensions: ["tract_symbol S"],
      inputs: { a: "2*S,f32" },
      body: "  c = a + 1.0;",
      outputs: ["c"],
    }),
  );
  const runnable = model.prepare();
  expect(runnable.run({ a: zeros(6) }).c?.shape).toEqual([6]);
  expect(thrown(() => runnable.run({ a: zeros(5) }))).toBeInstanceOf(InputError);
});

test("asserts and modes are read from the archive and checked before a run", async () => {
  const model = await tract.load(cached);
  expect(model.asserts).toEqual(["S+P < 64", "S >= 1"]);
  expect(model.modes).toEqual({ tg: ["S==1"], pp: ["P==0"] });
  const runnable = model.prepare();
  const run = (S: number, P: number) => runnable.run({ past: zeros(1, P, 2), now: zeros(1, S, 2) });
  expect(run(5, 0).all?.shape).toEqual([1, 5, 2]);
  expect(run(1, 62).all?.shape).toEqual([1, 63, 2]);

  const tooLong = thrown(() => run(1, 63)) as AssertError;
  expect(tooLong).toBeInstanceOf(AssertError);
  expect(tooLong).toMatchObject({ code: "assert", assert: "S+P < 64", values: { S: 1, P: 63 } });
  const none = thrown(() => run(0, 3)) as AssertError;
  expect(none).toMatchObject({ code: "assert", assert: "S >= 1", values: { S: 0 } });
  const both = thrown(() => run(5, 3)) as ModeError;
  expect(both).toBeInstanceOf(ModeError);
  expect(both).toMatchObject({
    code: "mode",
    modes: { tg: ["S==1"], pp: ["P==0"] },
    values: { S: 5, P: 3 },
  });
  expect(run(2, 0).all?.shape).toEqual([1, 2, 2]);
});

test("conditions hold for symbols that were set, too", async () => {
  const model = (await tract.load(cached)).setSymbols({ P: 60 });
  const runnable = model.prepare();
  const run = (S: number) => runnable.run({ past: zeros(1, 60, 2), now: zeros(1, S, 2) });
  expect(run(1).all?.shape).toEqual([1, 61, 2]);
  expect(thrown(() => run(4))).toMatchObject({ code: "assert", values: { P: 60, S: 4 } });
  expect(thrown(() => run(2))).toMatchObject({ code: "mode" });
});

test("an input too short says what would do", async () => {
  const runnable = (await tract.load(moving)).prepare();
  const error = thrown(() => runnable.run({ x: zeros(1, 1, 1) })) as TooShortError;
  expect(error).toBeInstanceOf(TooShortError);
  expect(error).toMatchObject({ code: "too-short", symbol: "S", least: 3 });
  expect(runnable.run({ x: zeros(1, 1, error.least) }).y?.shape).toEqual([1, 1, 1]);
});
