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

/** Input and output sizes of a model with one input (B, 1, rows, columns). */
export interface Shape {
  /** The input's name. */
  readonly name: string;
  readonly dtype: Dtype;
  readonly rows: number;
  readonly columns: number;
  /** Number of classes. */
  readonly classes: number;
}

/** @throws Error if the input is not a batch of images with one channel */
export function shapeOf({ inputs, outputs }: RemoteModel): Shape {
  const [input, output] = [inputs[0], outputs[0]];
  const [, channels, rows, columns] = input?.shape ?? [];
  const classes = output?.shape.at(-1);
  if (!input || channels !== 1 || !isSize(rows) || !isSize(columns) || !isSize(classes)) {
    throw new Error(
      `${factOf(input)} → ${factOf(output)} is not a model of images with one channel`,
    );
  }
  return { name: input.name, dtype: input.dtype, rows, columns, classes };
}

const isSize = (size: number | string | undefined): size is number => typeof size === "number";
const factOf = (fact: Fact | undefined): string => fact?.fact ?? "nothing";

/** Images as one batch. */
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

/** The model's answer for one image. */
export interface Prediction {
  readonly digit: number;
  /** Softmax probability of the digit. */
  readonly probability: number;
}

/** Predictions from logits (count, classes). */
export function predictionsOf({ data, shape }: Tensor): readonly Prediction[] {
  const [count = 0, classes = 0] = shape;
  return Array.from({ length: count }, (_, at) => {
    const logits = [...(data as Float32Array).subarray(at * classes, (at + 1) * classes)];
    const most = Math.max(...logits);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
    return { digit: logits.indexOf(most), probability: 1 / sum };
  });
}

/** Test images and their digits. */
export interface HeldOut {
  readonly images: readonly Image[];
  readonly digits: readonly number[];
}

/** @throws BundleError, Error if the bundle has none for this input */
export async function readHeldOut({ reading }: Lesson, { name }: Shape): Promise<HeldOut> {
  const tensors = await reading.heldOut();
  const [images, expected] = [tensors.get(name), tensors.get("expected")];
  if (!images || !expected) throw new Error(`held-out.safetensors has no tensor "${name}"`);
  return { images: imagesOf(images), digits: Array.from(expected.data, Number) };
}

/** The reference images of the bundle. */
export async function readExample({ reading }: Lesson, { name }: Shape): Promise<readonly Image[]> {
  const example = (await reading.reference()).get(name);
  if (!example) throw new Error(`the reference has no tensor "${name}"`);
  return imagesOf(example);
}
