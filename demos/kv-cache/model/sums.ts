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

/** Ends a sum, so that another may follow. */
export const END = ";";

/** Tokens of a question, of an answer, and of a whole sum with its end: the same for all. */
export const QUESTION = questionOf({ a: 0, b: 0 }).length;
export const ANSWER = answerOf({ a: 0, b: 0 }).length;
export const WHOLE = QUESTION + ANSWER + END.length;

/** What was typed, as a sum; undefined where it is none. */
export function sumIn(text: string): Sum | undefined {
  const [, a, b] = /^\s*(\d{1,2})\s*\+\s*(\d{1,2})\s*=?\s*$/.exec(text) ?? [];
  return a === undefined || b === undefined ? undefined : { a: Number(a), b: Number(b) };
}
