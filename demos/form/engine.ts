import type { BundleReading } from "nnef-pulse/reading";
import { type Tensor, tensor } from "tract-wasm";
import { connect, type RemoteModel, type RemoteTract } from "tract-wasm/worker";

/** No call of a walkthrough takes longer than this on a model it can show. */
const DEADLINE_MS = 60_000;

/** The example strip of a bundle: its reference input, the first of the batch. */
export interface Strip {
  readonly name: string;
  /** Batch 1. */
  readonly input: Tensor;
  readonly frames: number;
  /** What the source framework computed, frame by frame. */
  readonly expected: readonly Float32Array[];
}

/** The engine in its worker, with one bundle's whole model loaded. */
export class Engine {
  readonly tract: RemoteTract;
  readonly whole: RemoteModel;
  readonly #reading: BundleReading;
  #strip: Promise<Strip> | undefined;

  private constructor(tract: RemoteTract, whole: RemoteModel, reading: BundleReading) {
    this.tract = tract;
    this.whole = whole;
    this.#reading = reading;
  }

  /** @throws TractError, BundleError */
  static async start(reading: BundleReading): Promise<Engine> {
    const [tract, bytes] = await Promise.all([
      connect({ deadlineMs: DEADLINE_MS }),
      reading.bytes(reading.fileOf("model")),
    ]);
    return new Engine(tract, await tract.load(bytes.slice()), reading);
  }

  /** The reference's first item. */
  strip(): Promise<Strip> {
    this.#strip ??= this.#readStrip();
    return this.#strip;
  }

  /** Frames of the whole model's output for an input of its own. */
  async runWhole(model: RemoteModel, input: Tensor): Promise<Float32Array[]> {
    const runnable = await model.prepare();
    try {
      return rows(only(await runnable.run({ [this.inputName]: input })));
    } finally {
      runnable.dispose();
    }
  }

  /**
   * Frames a pulsed model puts out for `input`, fed pulse by pulse; zeros follow until it has put
   * out `count` frames.
   */
  async runPulsed(pulsed: RemoteModel, input: Tensor, count: number): Promise<Float32Array[]> {
    const runnable = await pulsed.prepare();
    const state = await runnable.spawnState();
    try {
      const pulse = Number(pulsed.inputs[0]?.shape[1]);
      const found: Float32Array[] = [];
      for (let from = 0; found.length < count; from += pulse) {
        found.push(
          ...rows(only(await state.run({ [this.inputName]: frames(input, from, pulse) }))),
        );
      }
      return found.slice(0, count);
    } finally {
      state.dispose();
      runnable.dispose();
    }
  }

  get inputName(): string {
    return this.whole.inputs[0]?.name ?? "";
  }

  async #readStrip(): Promise<Strip> {
    const reference = await this.#reading.reference();
    const name = this.inputName;
    const given = reference.get(name);
    const output = reference.get(this.whole.outputs[0]?.name ?? "");
    if (!given || !output) throw new Error(`the reference has no ${name}`);
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

export function only(outputs: Readonly<Record<string, Tensor>>): Tensor {
  const [first] = Object.values(outputs);
  if (!first) throw new Error("the model has no output");
  return first;
}

/** The largest absolute difference of two lists of frames, over those both have. */
export function largestDifference(
  a: readonly Float32Array[],
  b: readonly Float32Array[],
): { readonly value: number; readonly frame: number } {
  let most = { value: 0, frame: 0 };
  for (let frame = 0; frame < Math.min(a.length, b.length); frame++) {
    const [left, right] = [a[frame], b[frame]];
    left?.forEach((value, at) => {
      const difference = Math.abs(value - (right?.[at] ?? Number.NaN));
      if (difference > most.value) most = { value: difference, frame };
    });
  }
  return most;
}
