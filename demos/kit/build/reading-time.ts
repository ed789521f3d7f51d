const WORDS_PER_MINUTE = 180;
const MINUTES_PER_TASK = 1.5;
const ROUND_TO = 5;

/** Minutes that a walkthrough takes, rounded up to a multiple of five. */
export function readingMinutes(text: string, tasks: number): number {
  const words = text.trim().split(/\s+/).length;
  const minutes = words / WORDS_PER_MINUTE + tasks * MINUTES_PER_TASK;
  return Math.ceil(minutes / ROUND_TO) * ROUND_TO;
}
