import { DisposedError, loadTract, type State, type Tract, TrapError, tensor } from "tract-wasm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { archive, doubling, moving } from "../archives.js";

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract.dispose());

const pulse = (...values: number[]) => ({
  x: tensor(Float32Array.from(values), [1, 1, values.length]),
});
const run = (state: State, ...values: number[]) => [...(state.run(pulse(...values)).y?.data ?? [])];

async function spawn(): Promise<State> {
  return (await tract.load(moving)).pulse("S", 2).prepare().spawnState();
}

test("a state remembers; after the delay it gives what the whole gives", async () => {
  const state = await spawn();
  expect(run(state, 1, 2)).toEqual([1, 3]);
  expect(run(state, 3, 4)).toEqual([6, 9]);
  expect(run(state, 5, 6)).toEqual([12, 15]);
  const whole = (await tract.load(moving)).prepare().run(pulse(1, 2, 3, 4, 5, 6));
  expect([...(whole.y?.data ?? [])]).toEqual([6, 9, 12, 15]);
});

test("a clone goes its own way, a reset forgets", async () => {
  const state = await spawn();
  run(state, 1, 2);
  const twin = state.clone();
  expect(run(state, 3, 4)).toEqual([6, 9]);
  expect(run(twin, 30, 40)).toEqual([33, 72]);
  expect(run(state, 5, 6)).toEqual([12, 15]);
  state.reset();
  expect(run(state, 1, 2)).toEqual([1, 3]);
  expect(run(twin, 0, 0)).toEqual([70, 40]);
});

test("two states of one runnable do not meet", async () => {
  const runnable = (await tract.load(moving)).pulse("S", 2).prepare();
  const [a, b] = [runnable.spawnState(), runnable.spawnState()];
  run(a, 1, 2);
  expect(run(b, 10, 20)).toEqual([10, 30]);
  expect(run(a, 3, 4)).toEqual([6, 9]);
});

test("input that does not fit leaves a state as it was", async () => {
  const state = await spawn();
  run(state, 1, 2);
  expect(() => run(state, 1, 2, 3)).toThrow(/1,1,2,f32/);
  expect(run(state, 3, 4)).toEqual([6, 9]);
});

test("a size a state has grown into cannot change", async () => {
  const model = await tract.load(
    archive({
      extensions: ["tract_registry tract_pulse", "tract_symbol B"],
      inputs: { x: "B,4,f32" },
      body: "  y = tract_pulse_delay(x, axis = 1, delay = 2, overlap = 0);",
      outputs: ["y"],
    }),
  );
  const state = model.prepare().spawnState();
  const batch = (size: number) => ({ x: tensor(new Float32Array(size * 4).fill(1), [size, 4]) });
  expect(state.run(batch(2)).y?.shape).toEqual([2, 4]);
  expect(() => state.run(batch(3))).toThrow(/B is 3.*B=2/);
  expect([...(state.run(batch(2)).y?.data ?? [])]).toEqual(Array(8).fill(1));
  state.reset();
  expect(state.run(batch(3)).y?.shape).toEqual([3, 4]);
});

test("a run that fails poisons its state until it is reset", async () => {
  // Gathers by index, which nothing can check before the run.
  const model = await tract.load(
    archive({
      inputs: { table: "3,f32", at: "1,i64" },
      body: "  y = tract_core_gather(table, at, axis = 0);",
      outputs: ["y"],
    }),
  );
  const own = await loadTract();
  const state = (await own.load(await model.toNnef())).prepare().spawnState();
  const at = (index: bigint) => ({
    table: tensor(new Float32Array([5, 6, 7]), [3]),
    at: tensor(new BigInt64Array([index]), [1]),
  });
  expect([...(state.run(at(2n)).y?.data ?? [])]).toEqual([7]);
  let failure: unknown;
  try {
    state.run(at(9n));
  } catch (error) {
    failure = error;
  }
  if (failure instanceof TrapError) {
    expect(() => state.run(at(1n))).toThrow(TrapError);
  } else {
    expect(failure).toMatchObject({ name: "RunError", code: "run" });
    expect(() => state.run(at(1n))).toThrow(expect.objectContaining({ code: "poisoned" }));
    state.reset();
    expect([...(state.run(at(1n)).y?.data ?? [])]).toEqual([6]);
  }
});

test("disposing is idempotent, and what is disposed of says so", async () => {
  const model = await tract.load(moving);
  const pulsed = model.pulse("S", 2);
  const runnable = pulsed.prepare();
  const state = runnable.spawnState();
  // What a handle came from may go first.
  model.dispose();
  pulsed.dispose();
  runnable.dispose();
  runnable.dispose();
  expect(run(state, 1, 2)).toEqual([1, 3]);
  expect(() => model.graph()).toThrow(DisposedError);
  expect(() => model.prepare()).toThrow(DisposedError);
  await expect(model.toNnef()).rejects.toThrow(DisposedError);
  expect(() => runnable.spawnState()).toThrow(DisposedError);
  state.dispose();
  expect(() => run(state, 1, 2)).toThrow(DisposedError);
  expect(() => state.clone()).toThrow(DisposedError);
});

test("`using` disposes at the end of its block", async () => {
  let kept: State;
  {
    using state = await spawn();
    kept = state;
    run(state, 1, 2);
  }
  expect(() => run(kept, 3, 4)).toThrow(DisposedError);
});

test("disposing of the engine ends all that came from it", async () => {
  const own = await loadTract();
  const model = await own.load(doubling);
  const state = model.prepare().spawnState();
  own.dispose();
  own.dispose();
  expect(() => model.prepare()).toThrow(DisposedError);
  expect(() => state.reset()).toThrow(DisposedError);
  await expect(own.load(doubling)).rejects.toThrow(DisposedError);
  state.dispose();
  expect(own.memoryBytes).toBe(0);
});

test("a trap ends the instance, says why, and leaves others alone", async () => {
  // No text that is known makes a run trap: one of its calls does.
  const { instantiate } = WebAssembly;
  vi.spyOn(WebAssembly, "instantiate").mockImplementationOnce((async (
    module: WebAssembly.Module,
    imports: WebAssembly.Imports,
  ) => {
    const { exports } = await instantiate(module, imports);
    const run = () => {
      throw new WebAssembly.RuntimeError("unreachable executed");
    };
    return { exports: { ...exports, runnable_run: run } };
  }) as unknown as typeof instantiate);
  const own = await loadTract();
  const good = await own.load(moving);
  const runnable = (await own.load(doubling)).prepare();
  const ones = { x: tensor(new Float32Array(4).fill(1), [1, 1, 4]) };
  expect(() => runnable.run(ones)).toThrow(TrapError);
  expect(() => runnable.run(ones)).toThrow(/unreachable/);
  expect(() => good.prepare()).toThrow(TrapError);
  await expect(own.load(doubling)).rejects.toThrow(TrapError);
  good.dispose();
  own.dispose();

  const next = await loadTract();
  expect((await next.load(moving)).symbols).toEqual(["S"]);
  next.dispose();
  expect((await tract.load(moving)).symbols).toEqual(["S"]);
});
