import type { Profile, Tensor, Tensors } from "tract-wasm";
import type { RemoteModel } from "tract-wasm/worker";

/** Measures the nodes of the optimised plan on one pulse. */
export async function profileOf(model: RemoteModel, inputs: Tensors): Promise<Profile> {
  const fast = await model.prepare();
  try {
    return await fast.profile(inputs);
  } finally {
    fast.dispose();
  }
}

/** Zeros in the shapes of the inputs, with open sizes set to 1. */
export function silence({ inputs }: RemoteModel): Tensors {
  const ports = inputs.map(({ name, shape }): [string, Tensor] => {
    const sizes = shape.map((dim) => (typeof dim === "number" ? dim : 1));
    const count = sizes.reduce((product, dim) => product * dim, 1);
    return [name, { data: new Float32Array(count), shape: sizes, dtype: "f32" }];
  });
  return Object.fromEntries(ports);
}
