import { createFindings } from "../kit/page/findings.ts";
import type { Verdict } from "../kit/page/task.ts";

/** Results of figures that tasks use. */
export const findingsOf = createFindings<{
  /** Judges whether the rules of the sliders give this number of spans. */
  spans: (wanted: number) => Verdict;
  /** Judges whether the curve was moved by the delay. */
  shift: () => Verdict;
  /** Judges whether the reset changes no probability noticeably. */
  resetEffect: () => Verdict;
  /** Last measured milliseconds per pulse of the page's own model. */
  pulseMs: number;
  /** Judges whether the preview finds this number of spans in the sample. */
  preview: (wanted: number) => Verdict;
}>();
