import { InputError, loadTract, type Tract, tensor } from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archive, dat, moving } from "../archives.js";

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract.dispose());

const x = (...values: number[]) => ({
  x: tensor(Float32Array.from(values), [1, 1, values.length]),
});

test("a trace gives what a run gives, and the value of each wire", async () => {
  const model = await tract.load(
    archive({
      inputs: { x: "3,f32" },
      body: "  twice = 2.0 * x;\n  sum = twice + x;\n  y = relu(sum);",
      outputs: ["y"],
    }),
  );
  const runnable = model.prepare({ optimize: false });
  const input = { x: tensor(new Float32Array([1, -2, 3])) };
  const trace = runnable.trace(input);
  expect(trace.outputs).toEqual(runnable.run(input));
  const values = new Map(trace.nodes.map((node) => [node.name, node.outputs[0]?.data]));
  expect(values.get("twice")).toEqual(new Float32Array([2, -4, 6]));
  expect(values.get("sum")).toEqual(new Float32Array([3, -6, 9]));
  const ids = new Set(model.graph().nodes.map((node) => node.id));
  for (const node of trace.nodes) expect(ids.has(node.id), node.name).toBe(true);
});

test("a node of the fast plan tells which nodes it covers", async () => {
  const model = await tract.load(
    archive(
      {
        inputs: { x: "1,2,8,f32" },
        body: `  w = variable<scalar>(label = "w", shape = [3, 2, 3]);
  b = variable<scalar>(label = "b", shape = [1, 3]);
  c = conv(x, w, b, padding = [(0, 0)], stride = [1], dilation = [1], border = "constant", groups = 1);
  y = relu(c);`,
        outputs: ["y"],
      },
      { "w.dat": dat([3, 2, 3], Array(18).fill(0.5)), "b.dat": dat([1, 3], [1, 2, 3]) },
    ),
  );
  const trace = model.prepare().trace({ x: tensor(new Float32Array(16), [1, 2, 8]) });
  const covered = new Set(trace.nodes.flatMap((node) => node.covers));
  expect(covered).toContain("c");
  expect(covered).toContain("y");
});

test("delays show what they hold, oldest frame first", async () => {
  const state = (await tract.load(moving)).pulse("S", 3).prepare({ optimize: false }).spawnState();
  const held = (...values: number[]) => {
    const nodes = state.trace(x(...values)).nodes.filter((node) => node.state?.kind === "delay");
    expect(nodes).toHaveLength(1);
    const memory = nodes[0]?.state;
    return memory?.kind === "delay" ? [...(memory.buffer?.data ?? [])] : [];
  };
  expect(held(1, 2, 3)).toEqual([2, 3]);
  expect(held(4, 5, 6)).toEqual([5, 6]);
  state.run(x(7, 8, 9));
  expect(held(10, 11, 12)).toEqual([11, 12]);
});

test("tracing and running can alternate on one state", async () => {
  const runnable = (await tract.load(moving)).pulse("S", 2).prepare();
  const [traced, run] = [runnable.spawnState(), runnable.spawnState()];
  for (let ix = 0; ix < 6; ix++) {
    const input = x(ix, ix * ix);
    const expected = run.run(input);
    expect(ix % 2 ? traced.run(input) : traced.trace(input, { values: false }).outputs).toEqual(
      expected,
    );
  }
});

test("only what is asked for is kept", async () => {
  const runnable = (await tract.load(moving)).pulse("S", 2).prepare({ optimize: false });
  const bare = runnable.trace(x(1, 2), { timing: false, values: false });
  expect(bare.ms).toBeUndefined();
  for (const node of bare.nodes) {
    expect(node.outputs).toEqual([]);
    expect(node.ms).toBeUndefined();
    if (node.state?.kind === "delay") expect(node.state.buffer).toBeNull();
  }
  const one = runnable.trace(x(1, 2), { values: ["y"] });
  expect(one.nodes.filter((node) => node.outputs.length > 0).map((node) => node.name)).toEqual([
    "y",
  ]);
  expect(() => runnable.trace(x(1, 2), { values: ["nowhere"] })).toThrow(InputError);
});

test("times of nodes add up to most of the whole", async () => {
  const runnable = (await tract.load(moving)).prepare();
  const trace = runnable.trace(
    { x: tensor(new Float32Array(200_000), [1, 1, 200_000]) },
    { values: false },
  );
  const sum = trace.nodes.reduce((total, node) => total + (node.ms ?? 0), 0);
  expect(sum).toBeGreaterThan(0);
  expect(sum).toBeLessThanOrEqual((trace.ms ?? 0) * 1.001);
});

test("a profile covers the rounds asked for", async () => {
  const runnable = (await tract.load(moving)).pulse("S", 2).prepare();
  const profile = runnable.profile(x(1, 2), { rounds: 50 });
  expect(profile.rounds).toBe(50);
  expect(profile.clockStepMs).toBeGreaterThan(0);
  expect(profile.nodes.map((node) => node.id)).toEqual(
    runnable.trace(x(1, 2), { values: false }).nodes.map((node) => node.id),
  );
  expect(runnable.profile(x(1, 2)).rounds).toBeGreaterThan(1);
  expect(() => runnable.profile(x(1, 2), { rounds: -1 })).toThrow(InputError);
});
