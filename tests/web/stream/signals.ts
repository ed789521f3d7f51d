import type { Tensor } from "tract-wasm";
import { expect } from "vitest";
import type { Stream } from "../../../web/src/stream.js";

/** Frames `from` to `to` of a tensor whose frames lie along its last axis. */
export function columns({ data, shape }: Tensor, from: number, to: number): Float32Array {
  const length = shape.at(-1) ?? 1;
  return (data as Float32Array).filter((_, n) => n % length >= from && n % length < to);
}

export const noise = (shape: readonly number[], random: () => number): Tensor => {
  const length = shape.reduce((all, each) => all * each, 1);
  const data = Float32Array.from({ length }, () => random() - 0.5);
  return { data, shape: [...shape], dtype: "f32" };
};

/** Pushes a tensor in pieces of random length, along its last axis. */
export async function pushAll(stream: Stream, name: string, tensor: Tensor, random: () => number) {
  const length = tensor.shape.at(-1) ?? 0;
  for (let from = 0; from < length; ) {
    const to = Math.min(length, from + Math.ceil(random() * 20));
    await stream.push({ [name]: columns(tensor, from, to) });
    from = to;
  }
}

/** The results of each output joined along the last axis. */
export async function joined(stream: Stream): Promise<Map<string, Tensor>> {
  const parts = new Map<string, { data: Float32Array; frames: number }[]>();
  for await (const { name, data, shape, time } of stream.results()) {
    const list = parts.get(name) ?? [];
    parts.set(name, list);
    expect(time).toBe(list.reduce((sum, part) => sum + part.frames, 0));
    list.push({ data: data as Float32Array, frames: shape.at(-1) ?? 0 });
  }
  return new Map(
    [...parts].map(([name, list]) => {
      const length = list.reduce((sum, part) => sum + part.frames, 0);
      const channels = (list[0]?.data.length ?? 0) / (list[0]?.frames ?? 1);
      const data = new Float32Array(channels * length);
      let at = 0;
      for (const part of list) {
        for (let channel = 0; channel < channels; channel++) {
          const row = part.data.subarray(channel * part.frames, (channel + 1) * part.frames);
          data.set(row, channel * length + at);
        }
        at += part.frames;
      }
      return [name, { data, shape: [1, channels, length], dtype: "f32" } as Tensor];
    }),
  );
}

export function expectClose(
  got: Tensor | undefined,
  expected: Tensor,
  frames = Number.POSITIVE_INFINITY,
) {
  expect(got?.shape).toEqual(expected.shape);
  if (got === undefined) return;
  const [a, b] = [columns(got, 0, frames), columns(expected, 0, frames)];
  const scale = Math.max(1, ...b.map(Math.abs));
  expect(a.findIndex((value, n) => !(Math.abs(value - (b[n] as number)) <= 1e-5 * scale))).toBe(-1);
}
