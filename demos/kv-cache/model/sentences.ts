import type { BundleReading } from "nnef-pulse/reading";
import { type Tensor, tensor } from "tract-wasm";
import type { Lesson } from "../../kit/page/lesson.ts";

/** Token ids of one sentence. */
export type Ids = readonly number[];

/** Token id of padding. */
const PADDING = 0;

/** Number of token ids: the rows of the table that `input_ids` indexes. @throws BundleError */
export async function vocabularySize({ reading }: Lesson): Promise<number> {
  const { nodes } = (await reading.archive("model")).view.scopes.graph;
  const lookup = nodes.find(
    ({ op, inputs }) => op.endsWith("gather") && inputs.some(({ wire }) => wire === "input_ids"),
  );
  const table = nodes.find(({ outputs }) => outputs[0] === lookup?.inputs[0]?.wire);
  const size = table?.constant?.shape?.[0];
  if (!size) throw new Error("the model has no table for input_ids");
  return size;
}

/** Largest number of tokens in a sentence, and its assert. */
export function tokenLimit({ manifest }: BundleReading): {
  readonly most: number;
  readonly assert: string;
} {
  for (const assert of manifest.asserts) {
    const most = /^S\s*<=\s*(\d+)$/.exec(assert)?.[1];
    if (most !== undefined) return { most: Number(most), assert };
  }
  throw new Error("the model has no assert on S");
}

/** An id for each word, computed from its letters, because the weights come without a vocabulary. */
export function idsOf(sentence: string, vocabulary: number): Ids {
  const words = sentence.toLowerCase().match(/\S+/g) ?? [];
  const hash = (word: string) =>
    [...word].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003, 0);
  return words.map((word) => PADDING + 1 + (hash(word) % (vocabulary - 1)));
}

/**
 * Sentences as one batch, padded to `length`: ids, mask and types, all (B, S) i64.
 *
 * @param masked whether the mask marks padding
 */
export function batchOf(
  sentences: readonly Ids[],
  length: number,
  masked = true,
): Record<string, Tensor> {
  const rows = (item: (ids: Ids, at: number) => number) =>
    tensor(
      BigInt64Array.from(
        sentences.flatMap((ids) => Array.from({ length }, (_, at) => BigInt(item(ids, at)))),
      ),
      [sentences.length, length],
    );
  return {
    input_ids: rows((ids, at) => ids[at] ?? PADDING),
    attention_mask: rows((ids, at) => (at < ids.length || !masked ? 1 : 0)),
    token_type_ids: rows(() => 0),
  };
}

/** Largest difference of each of the first `count` tokens between two rows of (B, S, width). */
export function tokenDifferences(
  a: { readonly output: Tensor; readonly row: number },
  b: { readonly output: Tensor; readonly row: number },
  count: number,
): number[] {
  const width = a.output.shape[2] ?? 0;
  const from = ({ output, row }: typeof a, token: number) =>
    (output.data as Float32Array).subarray(
      (row * (output.shape[1] ?? 0) + token) * width,
      (row * (output.shape[1] ?? 0) + token + 1) * width,
    );
  return Array.from({ length: count }, (_, token) => {
    const other = from(b, token);
    return from(a, token).reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (other[at] ?? Number.NaN))),
      0,
    );
  });
}
