import { loadTract, type Tract, tensor } from "tract-wasm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { doubling, tar } from "../archives.js";

// tract aborts at each of these: natively a panic, here a trap.
const head = "version 1.0;\nextension tract_registry tract_core;\ngraph g(x) -> (y)\n{\n";
const unreadable = {
  "an operator without arguments": `${head}  x = external(shape = [2]);\n  y = add();\n}\n`,
  "no values": `${head}  x = external(shape = [2]);\n  y = concat([], axis = 0);\n}\n`,
  "half a pair": `${head}  x = external(shape = [2]);\n  y = pad(x, padding = [(1)]);\n}\n`,
};

test("a model too large to build is a LoadError, and the memory is given back", async () => {
  const own = await loadTract({ limits: { tensorBytes: 1 << 20 } });
  const before = own.memoryBytes;
  const body =
    "  x = external(shape = [1]);\n  k = tile([1.0], repeats = [10000000]);\n  y = x + k;\n";
  await expect(own.load(tar({ "graph.nnef": `${head}${body}}\n` }))).rejects.toMatchObject({
    name: "LoadError",
    code: "limit",
    message: expect.stringMatching(/out of memory|allocation/),
  });
  expect(own.memoryBytes).toBeLessThanOrEqual(before);
  expect((await own.load(doubling)).symbols).toEqual(["S"]);
  own.dispose();
});

let tract: Tract;
beforeEach(async () => {
  tract = await loadTract();
});
afterEach(() => tract.dispose());

const ones = tensor(new Float32Array(4).fill(1), [1, 1, 4]);

for (const [what, text] of Object.entries(unreadable)) {
  test(`${what}: a LoadError, and the instance lives on`, async () => {
    const model = await tract.load(doubling);
    const state = model.prepare().spawnState();
    const before = tract.memoryBytes;
    const archive = tar({ "graph.nnef": text });
    for (let round = 0; round < 3; round++) {
      await expect(tract.load(archive)).rejects.toMatchObject({ name: "LoadError", code: "model" });
      expect(() => tract.loadTar(archive)).toThrow(expect.objectContaining({ code: "model" }));
    }
    // What was there before is still there, and what comes after too.
    expect([...(state.run({ x: ones }).y?.data ?? [])]).toEqual([3, 3, 3, 3]);
    expect((await tract.load(doubling)).symbols).toEqual(["S"]);
    expect(tract.memoryBytes).toBeLessThanOrEqual(before + (1 << 20));
  });
}
