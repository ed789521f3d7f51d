import { InputError, tensor } from "tract-wasm";
import { expect, test } from "vitest";

test("the dtype follows from the array", () => {
  expect(tensor(new Float32Array(6), [2, 3])).toEqual({
    data: new Float32Array(6),
    shape: [2, 3],
    dtype: "f32",
  });
  expect(tensor(new BigInt64Array(1), []).dtype).toBe("i64");
  expect(tensor(new Uint8Array(2)).dtype).toBe("u8");
  expect(tensor(new Uint8Array(2), [2], "bool").dtype).toBe("bool");
  expect(tensor(new Uint16Array(2), [2], "f16").dtype).toBe("f16");
});

test("array, shape and dtype must go together", () => {
  expect(() => tensor(new Float32Array(5), [2, 3])).toThrow(InputError);
  expect(() => tensor(new Float32Array(6), [2, -3])).toThrow(InputError);
  expect(() => tensor(new Float32Array(1), [0.5])).toThrow(InputError);
  expect(() => tensor(new Float32Array(1) as never, [1], "f64")).toThrow(InputError);
  expect(() => tensor(new Float32Array(1) as never, [1], "f8" as never)).toThrow(InputError);
  expect(() => tensor([1, 2] as never, [2])).toThrow(InputError);
});
