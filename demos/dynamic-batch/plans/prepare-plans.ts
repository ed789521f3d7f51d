import type { RemoteRunnable } from "tract-wasm/worker";
import type { Tensors } from "../../kit/page/engine.ts";
import type { Lesson } from "../../kit/page/lesson.ts";
import { batchOf, exampleOf, heldOutOf, shapeOf } from "../images/digits.ts";

/** One model prepared twice: for any batch, and for one that was set before. */
export interface BothPlans {
  /** The batch that was set. */
  readonly batch: number;
  /** Images of that batch. */
  readonly inputs: Tensors;
  readonly open: RemoteRunnable;
  readonly set: RemoteRunnable;
}

/** Prepares both anew; whoever asks disposes of them. */
export async function bothPlans(lesson: Lesson): Promise<BothPlans> {
  const { whole } = await lesson.engine();
  const shape = shapeOf(whole);
  const [{ images }, example] = await Promise.all([
    heldOutOf(lesson, shape),
    exampleOf(lesson, shape),
  ]);
  // One more than the example has: no size the text could have kept from it.
  const batch = example.length + 1;
  const fixed = await whole.setSymbols({ [lesson.reading.symbol]: batch });
  const [open, set] = await Promise.all([whole.prepare(), fixed.prepare()]);
  fixed.dispose();
  return { batch, inputs: { [shape.name]: batchOf(images.slice(0, batch), shape) }, open, set };
}
