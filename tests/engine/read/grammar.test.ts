import { loadTract, type Tract, tensor } from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dat, tar } from "../archives.js";

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract.dispose());

const head = "version 1.0;\nextension tract_registry tract_core;\n";

test("a sign binds tighter than any operator", async () => {
  const cases: [string, number][] = [
    ["-a + b", 2],
    ["-(a + b)", -8],
    ["a * -b + a", -12],
    ["- 2.0 * a", -6],
  ];
  for (const [value, expected] of cases) {
    const graph = `${head}graph g(a, b) -> (y) {
  a = external<scalar>(shape = [1]); b = external<scalar>(shape = [1]); y = ${value}; }`;
    const model = await tract.load(tar({ "graph.nnef": graph }));
    const one = (value: number) => tensor(new Float32Array([value]));
    const { y } = model.prepare().run({ a: one(3), b: one(5) });
    expect([...(y?.data ?? [])], value).toEqual([expected]);
  }
});

const doubled = `${head}graph g(x) -> (y) { x = external(shape = [2]); y = x + x; }`;

test("files that macOS adds to an archive are ignored", async () => {
  const side = new Uint8Array([0, 5, 22, 7, 0, 2, 0, 0]);
  const sides = {
    "._graph.nnef": side,
    "._w.dat": side,
    "__MACOSX/._w.dat": side,
    ".DS_Store": side,
  };
  for (const more of [{}, { "s.json": "{}" }]) {
    const model = await tract.load(tar({ ...sides, "graph.nnef": doubled, ...more }));
    expect(model.outputs[0]?.fact).toBe("2,f32");
  }
});

test("what is not supported is named, and the next load works", async () => {
  const cases: [Record<string, string>, string, string][] = [
    [{ "model/graph.nnef": doubled }, "archive", "model/graph.nnef"],
    [
      { "graph.nnef": doubled.replace("external", "external<string>") },
      "model",
      "external<string>",
    ],
    [{ "graph.nnef": doubled.replace("external", "external<?>") }, "model", "external<?>"],
    [{ "graph.nnef": doubled.replace("x + x", "add(x)") }, "model", "add has 1 operands"],
  ];
  for (const [files, code, named] of cases) {
    const message = expect.stringContaining(named);
    await expect(tract.load(tar(files))).rejects.toMatchObject({
      name: "LoadError",
      code,
      message,
    });
    expect((await tract.load(tar({ "graph.nnef": doubled }))).inputs[0]?.fact).toBe("2,f32");
  }
});

const TRACT_VENDOR = ("T".charCodeAt(0) << 8) | "R".charCodeAt(0);

/** Weights of one row of 32 in tract's Q4_0: an f16 scale of 1, and 4 bits each, 8 stands for 0. */
function blocks(itemType: number): Uint8Array {
  const bytes = new Uint8Array(128 + 18);
  bytes.set(dat([1, 32], []));
  const view = new DataView(bytes.buffer);
  view.setUint32(4, 18, true);
  view.setUint32(44, 0xffff_ffff, true);
  view.setUint16(48, itemType, true);
  view.setUint16(50, TRACT_VENDOR, true);
  view.setUint16(128, 0x3c00, true);
  // The low half of a byte is one of the first 16 values, the high half one of the last.
  bytes.fill(0x79, 130);
  return bytes;
}
test("weights in blocks of 4 bits load and run; other blocks are named", async () => {
  const graph = `${head}graph g(x) -> (y) { x = external(shape = [1, 32]);
  w = variable(label = "w", shape = [1, 32]); y = matmul(x, w, transposeB = true); }`;
  const model = await tract.load(tar({ "graph.nnef": graph, "w.dat": blocks(0x3040) }));
  const x = tensor(
    Float32Array.from({ length: 32 }, (_, ix) => ix),
    [1, 32],
  );
  // The first 16 weights are 1, the last -1.
  for (const optimize of [true, false]) {
    const { y } = model.prepare({ optimize }).run({ x });
    expect(y?.data[0]).toBeCloseTo(-256, 4);
  }
  await expect(
    tract.load(tar({ "graph.nnef": graph, "w.dat": blocks(0x3099) })),
  ).rejects.toMatchObject({ code: "archive", message: expect.stringContaining("0x3099") });
});
