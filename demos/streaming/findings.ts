import { knowledge } from "../kit/page/findings.ts";
import type { Verdict } from "../kit/page/task.ts";

/** What figures have found out that tasks ask about. */
export const knownOf = knowledge<{
  /** Frames by which the reader has moved the pulsed curve, and what that makes of the difference. */
  shift: { readonly shift: number; verdict(): Verdict };
  /** How far output frame 0 of the bidirectional net moves when the strip changes after a frame. */
  influence: (after: number) => Promise<number>;
}>();
