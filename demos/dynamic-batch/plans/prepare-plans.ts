import type { RemoteRunnable } from "tract-wasm/worker";
import type { Tensors } from "../../kit/page/engine.ts";
import type { Lesson } from "../../kit/page/lesson.ts";
import { batchOf, readExample, readHeldOut, shapeOf } from "../images/digits.ts";

/** One model prepared twice: for any batch size, and for one size. */
export interface PlanPair {
  /** The size that was set. */
  readonly batch: number;
  /** A batch of that size. */
  readonly inputs: Tensors;
  readonly open: RemoteRunnable;
  readonly set: RemoteRunnable;
}

/** Prepares both plans. The caller disposes of them. */
export async function preparePlans(lesson: Lesson): Promise<PlanPair> {
  const { whole } = await lesson.engine();
  const shape = shapeOf(whole);
  const [{ images }, example] = await Promise.all([
    readHeldOut(lesson, shape),
    readExample(lesson, shape),
  ]);
  // Not the example's size, which the text could contain by accident.
  const batch = example.length + 1;
  const fixed = await whole.setSymbols({ [lesson.reading.symbol]: batch });
  const [open, set] = await Promise.all([whole.prepare(), fixed.prepare()]);
  fixed.dispose();
  return { batch, inputs: { [shape.name]: batchOf(images.slice(0, batch), shape) }, open, set };
}
