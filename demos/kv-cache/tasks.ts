import { TractError } from "tract-wasm";
import type { Lesson } from "../kit/page/lesson.ts";
import type { Task, Verdict } from "../kit/page/task.ts";
import { knownOf } from "./findings.ts";
import { Decoder, longest } from "./model/decoder.ts";
import { heldOutOf } from "./model/held-out.ts";
import { bound } from "./model/sentences.ts";
import { ANSWER, QUESTION, WHOLE } from "./model/sums.ts";

/** The page's questions; every number in them is a bundle's, or was entered. */
export const tasks: Readonly<Record<string, (lesson: Lesson) => Task | Promise<Task>>> = {
  most: (lesson) => ({
    question: "How many tokens may a sentence have, at most?",
    label: "Tokens",
    check: (entered) => ofMost(lesson, entered),
  }),
  padding: (lesson) => ({
    question: "In the batch as it stands in the figure, how many cells are padding?",
    label: "Cells of padding",
    check: (entered) => ofPadding(knownOf(lesson).sentences ?? [], entered),
  }),
  numbers: async (lesson) => {
    const { layers, heads, width } = await shapeOf(lesson);
    const positions = QUESTION + ANSWER;
    return {
      question: `A question of ${QUESTION} tokens and all ${ANSWER} of its answer are read. How many numbers does the cache hold?`,
      label: "Numbers in the cache",
      check: (entered) => ofNumbers({ layers, heads, width, positions }, entered),
    };
  },
  "at-once": (lesson) => ({
    question: `A first sum is read, and P = ${WHOLE} are kept. How many tokens may go in at once?`,
    label: "Tokens at once",
    check: (entered) => ofAtOnce(lesson, entered),
  }),
  reads: () => ({
    question: `Without a cache, how many tokens does the model read in all to answer a question of ${QUESTION} with ${ANSWER}?`,
    label: "Tokens read",
    check: ofReads,
  }),
  sums: (lesson) => ({
    question: `A sum with its answer and its end takes ${WHOLE} tokens. How many whole sums fit on one line?`,
    label: "Sums",
    check: (entered) => ofSums(longest(lesson.reading), entered),
  }),
  wrong: async (lesson) => {
    const { length } = await heldOutOf(lesson);
    return {
      question: `Of ${length} sums, how many wrong answers do the makers admit to?`,
      label: "Wrong answers",
      check: (entered) => ofWrong(lesson, length, entered),
    };
  },
  reference: (lesson) => ({
    question: "How many positions does the cache hold that the cell takes from the reference?",
    label: "Positions",
    check: (entered) => ofReference(lesson, entered),
  }),
};

function ofMost({ reading }: Lesson, entered: number): Verdict {
  const { most, assert } = bound(reading);
  if (entered === most) {
    return {
      right: true,
      reason: `${assert}: token ${most} has a row in the table, the next has none.`,
    };
  }
  if (entered > most) {
    return {
      right: false,
      reason: `With S=${entered} the assert ${assert} fails, by ${entered - most}.`,
    };
  }
  return {
    right: false,
    reason: `${Math.max(0, entered)} are not the most: S=${Math.max(0, entered) + 1} meets every assert too.`,
  };
}

function ofPadding(lengths: readonly number[], entered: number): Verdict {
  if (lengths.length === 0) return { right: false, reason: "There is no sentence in the figure." };
  const longest = Math.max(0, ...lengths);
  const cells = longest * lengths.length;
  const own = lengths.reduce((sum, each) => sum + each, 0);
  const made = `${lengths.length} rows of ${longest} are ${cells} cells; ${lengths.join(" + ")} = ${own} hold a token`;
  if (entered === cells - own) return { right: true, reason: `${made}.` };
  if (entered === own)
    return { right: false, reason: `${own} cells hold a token. The others are padding.` };
  return {
    right: false,
    reason: `${made}. With ${entered} of padding there would be ${own + entered}.`,
  };
}

function ofNumbers(
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
    return { right: true, reason: `${product}, for keys and again for values.` };
  if (entered === right / 2)
    return { right: false, reason: `${product} are the keys. Values are kept too.` };
  const positionsOf = entered / (2 * each);
  return {
    right: false,
    reason: `A position takes ${2 * each} numbers: ${width} for each of ${heads} heads in ${layers} layers, keys and values. ${entered} would be ${Number(positionsOf.toPrecision(3))} positions.`,
  };
}

async function ofAtOnce(lesson: Lesson, entered: number): Promise<Verdict> {
  const decoder = await Decoder.of(lesson);
  // More than any model here takes is refused as that is.
  const tokens = Math.max(0, Math.min(entered, 4 * longest(lesson.reading)));
  try {
    await decoder.read("0".repeat(tokens), decoder.blank(WHOLE));
    return {
      right: true,
      reason: "Asked just now: a token fits tg, and nothing more fits any mode.",
    };
  } catch (error) {
    if (error instanceof TractError) {
      return { right: false, reason: `Asked just now, the engine says: ${error.message}.` };
    }
    throw error;
  }
}

function ofReads(entered: number): Verdict {
  const runs = Array.from({ length: ANSWER }, (_, at) => QUESTION + at);
  const right = runs.reduce((sum, each) => sum + each, 0);
  const cached = QUESTION + ANSWER - 1;
  if (entered === right) {
    return { right: true, reason: `${runs.join(" + ")} = ${right}; with the cache ${cached}.` };
  }
  if (entered === cached) {
    return { right: false, reason: `${cached} is what it reads with the cache: each token once.` };
  }
  return {
    right: false,
    reason: `The first run reads ${QUESTION}, each of the others one more than the one before: ${runs.join(", ")}. That is not ${entered}.`,
  };
}

function ofSums(most: number, entered: number): Verdict {
  const right = Math.floor(most / WHOLE);
  const taken = `${entered} sums are ${entered * WHOLE} tokens, and the model takes ${most}`;
  if (entered === right) return { right: true, reason: `${taken}.` };
  return {
    right: false,
    reason: entered > right ? `${taken}.` : `${taken}: there is room for another.`,
  };
}

function ofWrong(lesson: Lesson, count: number, entered: number): Verdict {
  const { quality } = lesson.reading.manifest;
  const figure = quality && "figure" in quality ? quality.figure : Number.NaN;
  const right = Math.round(count * (1 - figure));
  const { asked = 0, wrong = 0 } = knownOf(lesson).answers ?? {};
  const found = asked === count ? ` Here you counted ${wrong}.` : "";
  if (entered === right) {
    return { right: true, reason: `${count} × (1 − ${figure}) = ${right}.${found}` };
  }
  const share = (count - entered) / count;
  return {
    right: false,
    reason: `With ${entered} wrong the share would be ${share}, and they say ${figure}.`,
  };
}

async function ofReference({ reading }: Lesson, entered: number): Promise<Verdict> {
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
