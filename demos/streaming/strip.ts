import type { BundleReading } from "nnef-pulse/reading";
import { type Tensor, tensor } from "tract-wasm";
import type { RemoteModel } from "tract-wasm/worker";
import { type Engine, onlyOutput } from "../kit/page/engine.ts";
import type { Lesson } from "../kit/page/lesson.ts";

/**
 * The example strip of a bundle whose input is (batch, frames, bands): its reference input, the
 * first of the batch.
 */
export interface Strip {
  /** The input's name. */
  readonly name: string;
  /** Batch 1. */
  readonly input: Tensor;
  readonly frames: number;
  /** Output of the source framework, frame by frame. */
  readonly expected: readonly Float32Array[];
}

const strips = new WeakMap<BundleReading, Promise<Strip>>();

/** The reference's first batch item, read once per bundle. */
export function stripOf({ reading }: Lesson): Promise<Strip> {
  const strip = strips.get(reading) ?? readStrip(reading);
  strips.set(reading, strip);
  strip.catch(() => strips.delete(reading));
  return strip;
}

async function readStrip(reading: BundleReading): Promise<Strip> {
  const { inputs, outputs } = reading.manifest;
  const reference = await reading.reference();
  const name = inputs[0]?.name ?? "";
  const given = reference.get(name);
  const output = reference.get(outputs[0]?.name ?? "");
  if (!given || !output) throw new Error(`the reference has no tensor "${name}"`);
  const [, length = 0, width = 0] = given.shape;
  const data = (given.data as Float32Array).slice(0, length * width);
  const [, count = 0, classes = 0] = output.shape;
  const first = (output.data as Float32Array).slice(0, count * classes);
  return {
    name,
    frames: length,
    input: tensor(data, [1, length, width]),
    expected: rows(tensor(first, [1, count, classes])),
  };
}

/** Runs the whole model over a strip; gives its output frames. */
export async function runWhole(
  engine: Engine,
  model: RemoteModel,
  { name, input }: Pick<Strip, "name" | "input">,
): Promise<Float32Array[]> {
  return rows(onlyOutput(await engine.run(model, { [name]: input })));
}

/**
 * Runs a pulsed model over a strip, padded with zeros at its end until there are `count` output frames.
 */
export async function runPulsed(
  pulsed: RemoteModel,
  { name, input }: Pick<Strip, "name" | "input">,
  count: number,
): Promise<Float32Array[]> {
  const runnable = await pulsed.prepare();
  const state = await runnable.spawnState();
  try {
    const pulse = Number(pulsed.inputs[0]?.shape[1]);
    const output: Float32Array[] = [];
    for (let from = 0; output.length < count; from += pulse) {
      output.push(...rows(onlyOutput(await state.run({ [name]: frames(input, from, pulse) }))));
    }
    return output.slice(0, count);
  } finally {
    state.dispose();
    runnable.dispose();
  }
}

/** Frames `from` to `from + count` of a strip (1, frames, width); zeros past its end. */
export function frames(strip: Tensor, from: number, count: number): Tensor {
  const width = strip.shape[2] ?? 0;
  const data = new Float32Array(count * width);
  data.set((strip.data as Float32Array).subarray(from * width, (from + count) * width));
  return tensor(data, [1, count, width]);
}

/** The frames of a tensor (1, frames, width). */
export function rows({ data, shape }: Tensor): Float32Array[] {
  const [, count = 0, width = 0] = shape;
  return Array.from({ length: count }, (_, at) =>
    (data as Float32Array).slice(at * width, (at + 1) * width),
  );
}

/** The largest absolute difference of two lists of frames, up to the shorter length. */
export function largestDifference(
  a: readonly Float32Array[],
  b: readonly Float32Array[],
): { readonly value: number; readonly frame: number } {
  let largest = { value: 0, frame: 0 };
  for (let frame = 0; frame < Math.min(a.length, b.length); frame++) {
    const [left, right] = [a[frame], b[frame]];
    left?.forEach((value, at) => {
      const difference = Math.abs(value - (right?.[at] ?? Number.NaN));
      if (difference > largest.value) largest = { value: difference, frame };
    });
  }
  return largest;
}
