import type { Tensor } from "tract-wasm";
import type { Lesson } from "../../kit/page/lesson.ts";
import { VOCABULARY } from "./decoder.ts";

/** A test question and its right answer. */
export interface Question {
  readonly text: string;
  readonly expected: string;
}

/** Reads the bundle's test questions. @throws BundleError if it has none */
export async function readHeldOut({ reading }: Lesson): Promise<readonly Question[]> {
  const tensors = await reading.heldOut();
  const [texts, expected] = [linesOf(tensors.get("tokens")), linesOf(tensors.get("expected"))];
  return texts.map((text, at) => ({ text, expected: expected[at] ?? "" }));
}

/** Rows of token ids, as text. */
function linesOf(tensor: Tensor | undefined): string[] {
  if (!tensor) throw new Error('held-out.safetensors has no tensor "tokens" or "expected"');
  const [count = 0, length = 0] = tensor.shape;
  const ids = tensor.data as BigInt64Array;
  const tokens = Array.from(ids, (id) => VOCABULARY[Number(id)] ?? "?");
  return Array.from({ length: count }, (_, at) =>
    tokens.slice(at * length, (at + 1) * length).join(""),
  );
}
