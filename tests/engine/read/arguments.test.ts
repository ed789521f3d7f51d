// What tract would panic on, found by damaging archives: each must be a typed error.

import { type LoadError, loadTract, type Tract } from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archive, dat, graphText, moving, tar } from "../archives.js";

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract.dispose());

const WEIGHTS = `  w = variable<scalar>(label = "w", shape = [1, 1, 3]);`;
const conv = (more: Record<string, string> = {}) => {
  const given = {
    padding: "[(0, 0)]",
    stride: "[1]",
    dilation: "[1]",
    border: '"constant"',
    groups: "1",
    ...more,
  };
  const named = Object.entries(given).map(([name, value]) => `${name} = ${value}`);
  return `${WEIGHTS}\n  y = conv(x, w, 0.0, ${named.join(", ")});`;
};
const pool = (more: string) =>
  `  y = max_pool(x, size = [1, 1, 2], padding = [(0, 0), (0, 0), (0, 0)], ${more});`;
const scan = (axis: string, step: string, body = "cell") =>
  `${WEIGHTS}\n  y = tract_core_scan(body = "${body}", scan = [("v", x, ${axis}, ${step})], ` +
  `full = [], state = [("h", w, "next")], output = [("next", "full", 2, 1)], skip = 0);`;

const BODIES: Record<string, string> = {
  "a stride of 0": conv({ stride: "[0]" }),
  "a dilation of 0": conv({ dilation: "[0]" }),
  "a negative stride": conv({ stride: "[-1]" }),
  "a stride beyond reason": conv({ stride: "[9223372036854775807]" }),
  "a stride computed below zero": conv({ stride: "[-1-1-1]" }),
  "a pool's stride computed below zero": pool(
    'stride = [1, 1, -1-1-1], dilation = [1, 1, 1], border = "ignore"',
  ),
  "axes computed to be one twice": "  y = transpose(x, axes = [0 < 2, 1, 2]);",
  "a shape no memory can hold":
    '  z = tract_core_external(shape = [4294967295, 2, 1], datum_type = "f32");\n  y = x + z;',
  "a negative padding": conv({ padding: "[(-1, 0)]" }),
  "a border no convolution has": conv({ border: '"cont"' }),
  "a border no pool has": pool('stride = [1, 1, 1], dilation = [1, 1, 1], border = "label"'),
  "a pool's stride of 0": pool('stride = [1, 1, 0], dilation = [1, 1, 1], border = "ignore"'),
  "an axis twice": "  y = transpose(x, axes = [0, 2, 2]);",
  "an axis left out": "  y = transpose(x, axes = [0, 1, 3]);",
  "axes of a number": "  y = x + transpose(1, axes = [0, 1, 1]);",
  "an axis twice of what is computed on the spot": "  y = transpose(relu(x), axes = [0, 2, 2]);",
  "an axis there is not": "  y = concat([x, x], axis = 7);",
  "an axis to slice there is not": "  y = slice(x, axes = [7], begin = [0], end = [1]);",
  "a delay along no axis": "  y = tract_pulse_delay(x, axis = 7, delay = 1, overlap = 0);",
  "a delay along a negative axis": "  y = tract_pulse_delay(x, axis = -1, delay = 1, overlap = 0);",
  "a negative size": `  w = variable<scalar>(label = "w", shape = [1, -1, 3]);\n  y = x + w;`,
  "a scan along no axis": scan("7", "1"),
  "a scan that stands still": scan("2", "0"),
  "a scan of nothing": scan("2", "1", "cel"),
};

const FRAGMENT = `fragment cell(h: tensor<scalar>, v: tensor<scalar>) -> (next: tensor<scalar>)
{ next = h + v; }
`;

async function failure(bytes: Uint8Array): Promise<unknown> {
  return tract.load(bytes).catch((error: unknown) => error);
}

test.each(Object.entries(BODIES))("%s is a typed error", async (_, body) => {
  const bytes = archive(
    {
      extensions: ["tract_symbol S", "tract_registry tract_pulse"],
      fragments: [FRAGMENT],
      inputs: { x: "1,1,S,f32" },
      body,
      outputs: ["y"],
    },
    { "w.dat": dat([1, 1, 3], [1, 1, 1]) },
  );
  const error = await failure(bytes);
  expect(error).toMatchObject({ name: "LoadError", code: "model" });
  expect((error as LoadError).causes.join("\n")).toMatch(/arguments of|shape/);
  expect((await tract.load(moving)).symbols).toEqual(["S"]);
});

test("an input of a negative size is a typed error", async () => {
  const text = graphText({ inputs: { x: "1,-1,f32" }, body: "  y = x;", outputs: ["y"] });
  expect(await failure(tar({ "graph.nnef": text }))).toMatchObject({ code: "model" });
});

test("a fragment that does not assign what it gives is a typed error", async () => {
  const text = graphText({
    fragments: ["fragment f(a: tensor<scalar>) -> (b: tensor<scalar>) { c = relu(a); }\n"],
    inputs: { x: "1,f32" },
    body: "  y = f(x);",
    outputs: ["y"],
  });
  expect(await failure(tar({ "graph.nnef": text }))).toMatchObject({ code: "archive" });
});
