import type { Lesson } from "../form/lesson.ts";
import type { Verdict } from "../form/task.ts";

/** What figures have found out that tasks ask about; absent until the figure has run. */
export interface Known {
  /** Frames by which the reader has moved the pulsed curve, and what that makes of the difference. */
  shift?: { readonly shift: number; verdict(): Verdict };
  /** How far output frame 0 of the bidirectional net moves when the strip changes after a frame. */
  influence?: (after: number) => Promise<number>;
}

const all = new WeakMap<Lesson, Known>();

export function knownOf(lesson: Lesson): Known {
  const known = all.get(lesson) ?? {};
  all.set(lesson, known);
  return known;
}
