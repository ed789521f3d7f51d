import { TractError } from "tract-wasm";
import type { Lesson } from "../kit/page/lesson.ts";
import type { Task, Verdict } from "../kit/page/task.ts";
import { findingsOf } from "./findings.ts";
import { Decoder, maxPositions } from "./model/decoder.ts";
import { readHeldOut } from "./model/held-out.ts";
import { tokenLimit } from "./model/sentences.ts";
import { ANSWER_TOKENS, QUESTION_TOKENS, SUM_TOKENS } from "./model/sums.ts";

export const tasks: Readonly<Record<string, (lesson: Lesson) => Task | Promise<Task>>> = {
  most: (lesson) => ({
    question: "How many tokens may a sentence have at most?",
    label: "Tokens",
    check: (entered) => judgeMost(lesson, entered),
  }),
  padding: (lesson) => ({
    question: "How many cells of the figure’s batch are padding?",
    label: "Cells of padding",
    check: (entered) => judgePadding(findingsOf(lesson).sentences ?? [], entered),
  }),
  numbers: async (lesson) => {
    const { layers, heads, width } = await shapeOf(lesson);
    const positions = QUESTION_TOKENS + ANSWER_TOKENS;
    return {
      question: `The model has read a question of ${QUESTION_TOKENS} tokens and its answer of ${ANSWER_TOKENS}. How many numbers does the cache hold?`,
      label: "Numbers in the cache",
      check: (entered) => judgeNumbers({ layers, heads, width, positions }, entered),
    };
  },
  "at-once": (lesson) => ({
    question: `The model has read a sum, so P = ${SUM_TOKENS}. How many tokens may the next run take?`,
    label: "Tokens in a run",
    check: (entered) => judgeAtOnce(lesson, entered),
  }),
  reads: () => ({
    question: `A question has ${QUESTION_TOKENS} tokens, its answer ${ANSWER_TOKENS}. Without a cache, how many tokens does the model read in all runs together?`,
    label: "Tokens read",
    check: judgeReads,
  }),
  sums: (lesson) => ({
    question: `A sum with its answer and its end has ${SUM_TOKENS} tokens. How many whole sums fit on one line?`,
    label: "Sums",
    check: (entered) => judgeSums(maxPositions(lesson.reading), entered),
  }),
  wrong: async (lesson) => {
    const { length } = await readHeldOut(lesson);
    return {
      question: `The bundle claims a share of right answers. How many of ${length} answers may be wrong?`,
      label: "Wrong answers",
      check: (entered) => judgeWrong(lesson, length, entered),
    };
  },
  reference: (lesson) => ({
    question: "The Python cell takes a cache from the reference. How many positions does it hold?",
    label: "Positions",
    check: (entered) => judgeReference(lesson, entered),
  }),
};

function judgeMost({ reading }: Lesson, entered: number): Verdict {
  const { most, assert } = tokenLimit(reading);
  if (entered === most) {
    return {
      right: true,
      reason: `${assert}: token ${most} has the last row of the table.`,
    };
  }
  if (entered > most) {
    return {
      right: false,
      reason: `With S=${entered} the assert ${assert} fails: ${entered - most} too many.`,
    };
  }
  return {
    right: false,
    reason: `${Math.max(0, entered)} is not the largest: S=${Math.max(0, entered) + 1} meets every assert too.`,
  };
}

function judgePadding(lengths: readonly number[], entered: number): Verdict {
  if (lengths.length === 0) return { right: false, reason: "The figure has no sentence." };
  const longest = Math.max(0, ...lengths);
  const cells = longest * lengths.length;
  const own = lengths.reduce((sum, each) => sum + each, 0);
  const made = `${lengths.length} rows of ${longest} are ${cells} cells, and ${lengths.join(" + ")} = ${own} of them hold a token`;
  if (entered === cells - own) return { right: true, reason: `${made}.` };
  if (entered === own)
    return { right: false, reason: `${own} cells hold a token. The others are padding.` };
  return {
    right: false,
    reason: `${made}. With ${entered} cells of padding there would be ${own + entered} cells.`,
  };
}

function judgeNumbers(
  {
    layers,
    heads,
    width,
    positions,
  }: Readonly<Record<"layers" | "heads" | "width" | "positions", number>>,
  entered: number,
): Verdict {
  const each = layers * heads * width;
  const right = 2 * each * positions;
  const product = `${layers} layers × ${heads} heads × ${positions} positions × ${width} numbers`;
  if (entered === right)
    return { right: true, reason: `${product}, for the keys and again for the values.` };
  if (entered === right / 2)
    return { right: false, reason: `${product} are the keys. The cache holds values too.` };
  const positionsOf = entered / (2 * each);
  return {
    right: false,
    reason: `A position takes ${2 * each} numbers: ${width} for each of ${heads} heads in ${layers} layers, for keys and values. ${entered} numbers would be ${Number(positionsOf.toPrecision(3))} positions.`,
  };
}

async function judgeAtOnce(lesson: Lesson, entered: number): Promise<Verdict> {
  const decoder = await Decoder.of(lesson);
  // A larger number is refused for the same reason.
  const tokens = Math.max(0, Math.min(entered, 4 * maxPositions(lesson.reading)));
  try {
    await decoder.read("0".repeat(tokens), decoder.zeroCache(SUM_TOKENS));
    return {
      right: true,
      reason: "The engine has just run it: 1 token fits tg, and more tokens fit no mode.",
    };
  } catch (error) {
    if (error instanceof TractError) {
      return { right: false, reason: `The engine has just refused it: ${error.message}.` };
    }
    throw error;
  }
}

function judgeReads(entered: number): Verdict {
  const runs = Array.from({ length: ANSWER_TOKENS }, (_, at) => QUESTION_TOKENS + at);
  const right = runs.reduce((total, each) => total + each, 0);
  const cached = QUESTION_TOKENS + ANSWER_TOKENS - 1;
  if (entered === right) {
    return {
      right: true,
      reason: `${runs.join(" + ")} = ${right}. With the cache it reads ${cached}.`,
    };
  }
  if (entered === cached) {
    return { right: false, reason: `${cached} is the number with the cache: each token once.` };
  }
  return {
    right: false,
    reason: `The first run reads ${QUESTION_TOKENS} tokens, and each later run 1 more: ${runs.join(", ")}. Their sum is not ${entered}.`,
  };
}

function judgeSums(most: number, entered: number): Verdict {
  const right = Math.floor(most / SUM_TOKENS);
  const sum = `${entered} sums are ${entered * SUM_TOKENS} tokens, and the model takes ${most}`;
  if (entered === right) return { right: true, reason: `${sum}.` };
  return {
    right: false,
    reason: entered > right ? `${sum}.` : `${sum}: another sum fits.`,
  };
}

function judgeWrong(lesson: Lesson, count: number, entered: number): Verdict {
  const { quality } = lesson.reading.manifest;
  const figure = quality && "figure" in quality ? quality.figure : Number.NaN;
  const right = Math.round(count * (1 - figure));
  const { asked = 0, wrong = 0 } = findingsOf(lesson).answers ?? {};
  const found = asked === count ? ` Here you counted ${wrong}.` : "";
  if (entered === right) {
    return { right: true, reason: `${count} × (1 − ${figure}) = ${right}.${found}` };
  }
  const share = (count - entered) / count;
  return {
    right: false,
    reason: `With ${entered} wrong the share would be ${share}, and the claim is ${figure}.`,
  };
}

async function judgeReference({ reading }: Lesson, entered: number): Promise<Verdict> {
  const past = (await reading.reference()).get("past_keys");
  const right = past?.shape[2] ?? 0;
  const shape = past?.shape.join(",");
  if (entered === right) return { right: true, reason: `Its past_keys are ${shape}: P=${right}.` };
  return {
    right: false,
    reason: `Its past_keys hold ${past?.data.length} numbers; with ${entered} positions they would hold ${((past?.data.length ?? 0) / right) * entered}.`,
  };
}

async function shapeOf(lesson: Lesson) {
  const past = lesson.reading.manifest.inputs.find(({ name }) => name === "past_keys");
  const [layers = 0, heads = 0, , width = 0] = (past?.fact ?? "").split(",").map(Number);
  return { layers, heads, width };
}
