import { createFindings } from "../kit/page/findings.ts";

/** Results of figures that tasks use. */
export const findingsOf = createFindings<{
  /** Number of tokens of each sentence in the batch. */
  sentences: readonly number[];
  /** Held-out sums asked so far, and how many answers were wrong. */
  answers: { readonly asked: number; readonly wrong: number };
}>();
