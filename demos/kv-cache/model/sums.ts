/** A sum of two numbers below 100, as the model reads them. */
export interface Sum {
  readonly a: number;
  readonly b: number;
}

const digits = (value: number, count: number): string => String(value).padStart(count, "0");

/** `07+45=` */
export const questionOf = ({ a, b }: Sum): string => `${digits(a, 2)}+${digits(b, 2)}=`;

/** `052` */
export const answerOf = ({ a, b }: Sum): string => digits(a + b, 3);

/** Ends a sum. */
export const END = ";";

/** Tokens of a question, an answer, and a sum with its end. All sums have the same length. */
export const QUESTION_TOKENS = questionOf({ a: 0, b: 0 }).length;
export const ANSWER_TOKENS = answerOf({ a: 0, b: 0 }).length;
export const SUM_TOKENS = QUESTION_TOKENS + ANSWER_TOKENS + END.length;

/** Parses a typed sum; undefined if it is not one. */
export function parseSum(text: string): Sum | undefined {
  const [, a, b] = /^\s*(\d{1,2})\s*\+\s*(\d{1,2})\s*=?\s*$/.exec(text) ?? [];
  return a === undefined || b === undefined ? undefined : { a: Number(a), b: Number(b) };
}
