// Matrix products by the engine's own loops (wasm/src/workarounds/wasm_kernels) against the sums they stand for.

import { loadTract, type Tract, tensor } from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { largestError } from "../../conformance/tensors.mjs";
import { archive, dat } from "../archives.js";
import { noise } from "../random.js";

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract.dispose());

// Whole tiles of 8 x 8 and their borders; one of `k`, whole fours and what is left of them.
const shapes = [
  [8, 4, 8],
  [32, 64, 1],
  [64, 128, 4],
  [40, 33, 24],
  [1, 1, 1],
  [7, 3, 9],
  [9, 5, 7],
  [17, 66, 2],
  [33, 7, 1],
] as const;

test.each(
  shapes.flatMap(([m, k, n]) => [
    { m, k, n, columns: String(n) },
    { m, k, n, columns: "N" },
  ]),
)("$m x $k by $k x $n, given as $columns", async ({ m, k, n, columns }) => {
  const [weights, bias, x] = [noise(m * k, 1), noise(m, 2), noise(k * n, 3)];
  const graph = {
    extensions: columns === "N" ? ["tract_symbol N"] : [],
    inputs: { x: `${k},${columns},f32` },
    body: `  w = variable<scalar>(label = "w", shape = [${m}, ${k}]);
  b = variable<scalar>(label = "b", shape = [${m}, 1]);
  y = relu(matmul(w, x) + b);`,
    outputs: ["y"],
  };
  const tensors = { "w.dat": dat([m, k], [...weights]), "b.dat": dat([m, 1], [...bias]) };
  const model = await tract.load(archive(graph, tensors));
  const { y } = model.prepare().run({ x: tensor(x, [k, n]) });
  const expected = Array.from({ length: m * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    let sum = Number(bias[row]);
    for (let i = 0; i < k; i++) sum += Number(weights[row * k + i]) * Number(x[i * n + column]);
    return Math.max(0, sum);
  });
  expect(y?.shape).toEqual([m, n]);
  expect(largestError(y?.data as Float32Array, expected)).toBeLessThan(2e-5);
});
