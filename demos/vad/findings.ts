import { knowledge } from "../kit/page/findings.ts";
import type { Verdict } from "../kit/page/task.ts";

/** What figures have found out that tasks ask about. */
export const knownOf = knowledge<{
  /** Whether the rules set by hand give so many spans, and why not. */
  spans: (wanted: number) => Verdict;
  /** Whether the curve was moved back by what makes its times right. */
  shift: () => Verdict;
  /** Whether the reset stands where it is hardly felt. */
  felt: () => Verdict;
  /** Milliseconds of a pulse as last measured, of the page's own model. */
  pace: number;
  /** Whether the embedded preview finds so many spans in the sample. */
  preview: (wanted: number) => Verdict;
}>();
