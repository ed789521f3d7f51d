import type { Lesson } from "./lesson.ts";

/**
 * A place where figures leave what they have found out for tasks to ask about, one for each lesson;
 * a field is absent until its figure has run.
 */
export function knowledge<Known extends object>(): (lesson: Lesson) => Partial<Known> {
  const all = new WeakMap<Lesson, Partial<Known>>();
  return (lesson) => {
    const known = all.get(lesson) ?? {};
    all.set(lesson, known);
    return known;
  };
}
