import { createFindings } from "../kit/page/findings.ts";
import type { Verdict } from "../kit/page/task.ts";

/** Results of figures that tasks use. */
export const findingsOf = createFindings<{
  /** Frames by which the reader moved the pulsed curve, and the verdict on the remaining difference. */
  shift: { readonly shift: number; verdict(): Verdict };
  /** How much output frame 0 of the bidirectional network changes when the strip changes after a frame. */
  influence: (after: number) => Promise<number>;
}>();
