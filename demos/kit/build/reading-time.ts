/** Words a minute of careful reading, and minutes a task takes. */
const WORDS = 180;
const TASK_MINUTES = 1.5;

/** Minutes a walkthrough takes, to five. */
export function minutesFor(text: string, tasks: number): number {
  const words = text.trim().split(/\s+/).length;
  return Math.ceil((words / WORDS + tasks * TASK_MINUTES) / 5) * 5;
}
