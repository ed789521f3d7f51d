import type { Lesson } from "./lesson.ts";

/**
 * Creates a store in which figures leave results for tasks, one record for each lesson. A field is
 * absent until its figure has run.
 */
export function createFindings<Findings extends object>(): (lesson: Lesson) => Partial<Findings> {
  const byLesson = new WeakMap<Lesson, Partial<Findings>>();
  return (lesson) => {
    const findings = byLesson.get(lesson) ?? {};
    byLesson.set(lesson, findings);
    return findings;
  };
}
