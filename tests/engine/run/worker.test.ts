import {
  DisposedError,
  InputError,
  LoadError,
  loadTract,
  type TractError,
  tensor,
  WorkerError,
} from "tract-wasm";
import { connect, type RemoteTract } from "tract-wasm/worker";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archive, cached, doubling, moving, strided } from "../archives.js";

let tract: RemoteTract;
beforeAll(async () => {
  tract = await connect();
});
afterAll(() => tract.dispose());

const rejection = (promise: Promise<unknown>): Promise<TractError> =>
  promise.then(
    () => {
      throw new Error("it resolved");
    },
    (error: unknown) => error as TractError,
  );

/** Multiplies matrices for minutes. */
const slow = archive({
  extensions: ["tract_symbol S"],
  inputs: { x: "S,S,f32" },
  body: `  a0 = x;
${Array.from({ length: 60 }, (_, ix) => `  a${ix + 1} = matmul(a${ix}, x);`).join("\n")}
  y = a60;`,
  outputs: ["y"],
});

test("the same API, in promises", async () => {
  const model = await tract.load(moving);
  expect(model.inputs[0]?.fact).toBe("1,1,S,f32");
  expect(model.symbols).toEqual(["S"]);
  const pulsed = await model.pulse("S", 2);
  expect(pulsed.properties["pulse.delay"]).toEqual([2]);
  const runnable = await pulsed.prepare();
  const state = await runnable.spawnState();
  const x = tensor(new Float32Array([1, 2]), [1, 1, 2]);
  const { y } = await state.run({ x });
  expect(y).toEqual(tensor(new Float32Array([1, 3]), [1, 1, 2]));
  const twin = await state.clone();
  await state.reset();
  expect([...((await twin.run({ x })).y?.data ?? [])]).toEqual([4, 5]);
  expect([...((await state.run({ x })).y?.data ?? [])]).toEqual([1, 3]);
  expect((await model.graph()).nodes.length).toBeGreaterThan(1);
  expect((await state.trace({ x })).nodes.length).toBeGreaterThan(1);
  expect((await runnable.profile({ x }, { rounds: 3 })).rounds).toBe(3);
  const again = await tract.load(await model.toNnef());
  expect(again.inputs).toEqual(model.inputs);
  expect((await again.setSymbols({ S: 9 })).inputs[0]?.fact).toBe("1,1,9,f32");
  expect(await tract.memoryBytes()).toBeGreaterThan(0);
  // What was sent is still ours.
  expect([...x.data]).toEqual([1, 2]);
});

test("calls are answered in the order in which they are made", async () => {
  const state = await (
    await (await (await tract.load(moving)).pulse("S", 1)).prepare()
  ).spawnState();
  const sums = await Promise.all(
    [1, 2, 3, 4].map((value) => state.run({ x: tensor(new Float32Array([value]), [1, 1, 1]) })),
  );
  expect(sums.map(({ y }) => y?.data[0])).toEqual([1, 3, 6, 9]);
});

test("errors cross with their class, code and fields", async () => {
  expect(await rejection(tract.load(new Uint8Array(4000)))).toBeInstanceOf(LoadError);
  const model = await tract.load(strided);
  const pulse = await rejection(model.pulse("S", 5));
  expect(pulse).toMatchObject({ name: "PulseError", code: "pulse", symbol: "S", pulse: 5 });
  const runnable = await (await tract.load(cached)).prepare();
  const zeros = (frames: number) => tensor(new Float32Array(frames * 2), [1, frames, 2]);
  const assert = await rejection(runnable.run({ past: zeros(63), now: zeros(1) }));
  expect(assert).toMatchObject({
    name: "AssertError",
    assert: "S+P < 64",
    values: { S: 1, P: 63 },
  });
  expect(await rejection(runnable.run({}))).toBeInstanceOf(InputError);
});

test("what was disposed of says so", async () => {
  const model = await tract.load(doubling);
  model.dispose();
  model.dispose();
  expect(await rejection(model.graph())).toBeInstanceOf(DisposedError);
});

test("a call that overruns ends the worker: all pending reject, and the next connect works", async () => {
  const short = await connect({ deadlineMs: 1500 });
  const runnable = await (await short.load(slow)).prepare();
  const size = 1500;
  const x = tensor(new Float32Array(size * size), [size, size]);
  const overrun = rejection(runnable.run({ x }));
  const waiting = rejection(short.load(doubling));
  expect(await overrun).toMatchObject({ name: "WorkerError", code: "deadline" });
  expect(await waiting).toMatchObject({ name: "WorkerError", code: "worker" });
  expect(await rejection(short.load(doubling))).toBeInstanceOf(WorkerError);
  expect(await rejection(runnable.run({ x }))).toBeInstanceOf(WorkerError);

  const next = await connect({ deadlineMs: 1500 });
  expect((await next.load(doubling)).symbols).toEqual(["S"]);
  next.dispose();
});

test("disposing of the connection rejects what waits", async () => {
  const own = await connect();
  const pending = rejection(own.load(doubling));
  own.dispose();
  expect(await pending).toBeInstanceOf(DisposedError);
  expect(await rejection(own.load(doubling))).toBeInstanceOf(DisposedError);
});

test("a worker or an engine that cannot start is a typed error", async () => {
  expect(await rejection(connect({ workerUrl: new URL("file:///nowhere.js") }))).toBeInstanceOf(
    WorkerError,
  );
  expect(await rejection(connect({ wasm: "file:///nowhere.wasm" }))).toMatchObject({
    code: "fetch",
  });
  await expect(connect({ deadlineMs: 0 })).rejects.toThrow(TypeError);
});

test("the worker computes what the engine computes here", async () => {
  const here = await loadTract();
  const x = tensor(
    Float32Array.from({ length: 40 }, (_, ix) => Math.cos(ix)),
    [1, 10, 4],
  );
  const expected = (await here.load(doubling)).prepare().run({ x });
  const remote = await (await tract.load(doubling)).prepare();
  expect(await remote.run({ x })).toEqual(expected);
  here.dispose();
});
