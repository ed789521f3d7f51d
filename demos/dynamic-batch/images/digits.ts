import type { Dtype, Fact, Tensor } from "tract-wasm";
import { tensor } from "tract-wasm";
import type { RemoteModel } from "tract-wasm/worker";
import type { Lesson } from "../../kit/page/lesson.ts";

/** One image as the model takes it: rows by columns, 0 (paper) to 1 (ink). */
export interface Image {
  readonly pixels: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** What a batch of images is for a model whose one input is (B, 1, rows, columns). */
export interface Shape {
  /** The input's name. */
  readonly name: string;
  readonly dtype: Dtype;
  readonly rows: number;
  readonly columns: number;
  /** Kinds of answer. */
  readonly classes: number;
}

/** @throws Error when the model takes no images of one channel */
export function shapeOf({ inputs, outputs }: RemoteModel): Shape {
  const [input, output] = [inputs[0], outputs[0]];
  const [, channels, rows, columns] = input?.shape ?? [];
  const classes = output?.shape.at(-1);
  if (!input || channels !== 1 || !isSize(rows) || !isSize(columns) || !isSize(classes)) {
    throw new Error(`${factOf(input)} → ${factOf(output)} is no model of images of one channel`);
  }
  return { name: input.name, dtype: input.dtype, rows, columns, classes };
}

const isSize = (size: number | string | undefined): size is number => typeof size === "number";
const factOf = (fact: Fact | undefined): string => fact?.fact ?? "nothing";

/** Images side by side along the batch axis. */
export function batchOf(images: readonly Image[], { rows, columns }: Shape): Tensor {
  const data = new Float32Array(images.length * rows * columns);
  images.forEach(({ pixels }, at) => {
    data.set(pixels, at * rows * columns);
  });
  return tensor(data, [images.length, 1, rows, columns]);
}

/** The images of a batch (count, 1, rows, columns). */
export function imagesOf({ data, shape }: Tensor): readonly Image[] {
  const [count = 0, , rows = 0, columns = 0] = shape;
  return Array.from({ length: count }, (_, at) => ({
    pixels: (data as Float32Array).slice(at * rows * columns, (at + 1) * rows * columns),
    rows,
    columns,
  }));
}

/** What the model says of one image. */
export interface Reading {
  readonly digit: number;
  /** Of the digit, by softmax over the logits. */
  readonly probability: number;
}

/** The readings of a batch's logits (count, classes). */
export function readingsOf({ data, shape }: Tensor): readonly Reading[] {
  const [count = 0, classes = 0] = shape;
  return Array.from({ length: count }, (_, at) => {
    const logits = [...(data as Float32Array).subarray(at * classes, (at + 1) * classes)];
    const most = Math.max(...logits);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
    return { digit: logits.indexOf(most), probability: 1 / sum };
  });
}

/** Images the weights never saw, and which digits they are. */
export interface HeldOut {
  readonly images: readonly Image[];
  readonly digits: readonly number[];
}

/** @throws BundleError, Error where the bundle carries none for this input */
export async function heldOutOf({ reading }: Lesson, { name }: Shape): Promise<HeldOut> {
  const tensors = await reading.heldOut();
  const [images, expected] = [tensors.get(name), tensors.get("expected")];
  if (!images || !expected) throw new Error(`the held-out data has no ${name}`);
  return { images: imagesOf(images), digits: Array.from(expected.data, Number) };
}

/** The images the bundle's own proof was made with. */
export async function exampleOf({ reading }: Lesson, { name }: Shape): Promise<readonly Image[]> {
  const example = (await reading.reference()).get(name);
  if (!example) throw new Error(`the reference has no ${name}`);
  return imagesOf(example);
}
