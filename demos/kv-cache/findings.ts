import { knowledge } from "../kit/page/findings.ts";

/** What figures have found out that tasks ask about. */
export const knownOf = knowledge<{
  /** Tokens of each sentence that stands in the batch now. */
  sentences: readonly number[];
  /** Of the held-out sums, how many have been asked and how many answers were wrong. */
  answers: { readonly asked: number; readonly wrong: number };
}>();
