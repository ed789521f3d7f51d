import type { Lesson } from "../kit/page/lesson.ts";
import type { Verdict } from "../kit/page/task.ts";
import type { WalkthroughParts } from "../kit/page/walkthrough.ts";
import { REQUIRED_ACCURACY } from "./figures/held-out.ts";
import { findingsOf } from "./findings.ts";
import { batchOf, readHeldOut, shapeOf } from "./images/digits.ts";
import { costsOf, countChanges, firstOfEachShape, longestPath } from "./plans/graph-path.ts";
import { preparePlans } from "./plans/prepare-plans.ts";
import { analyseSizes } from "./plans/size-operations.ts";

/** Batch size of the questions. */
const ASKED_BATCH = 7;
/** Relative tolerance of a measured answer. */
const TOLERANCE = 0.15;

export const tasks: WalkthroughParts["tasks"] = {
  numbers: ({ reading }) => ({
    question: `A batch has ${ASKED_BATCH} images. How many numbers has the output?`,
    label: "Numbers",
    check: (entered) =>
      judgeNumbers(Number(reading.manifest.outputs[0]?.fact.split(",")[1]), entered),
  }),
  size: async (lesson) => {
    const { symbol } = lesson.reading;
    const wire = await symbolicWire(lesson);
    return {
      question: `A wire has the shape ${wire.open.join(",")}. How many numbers does it hold with ${symbol} = ${ASKED_BATCH}?`,
      label: "Numbers",
      check: (entered) => judgeSize(wire, entered),
    };
  },
  least: (lesson) => ({
    question: "How many images has the smallest batch that the dynamic export takes?",
    label: "Images",
    check: (entered) => judgeLeast(lesson, entered),
  }),
  left: (lesson) => ({
    question: "How many operations that ask for a shape are left in the engine’s graph?",
    label: "Operations",
    check: (entered) => judgeLeft(lesson, entered),
  }),
  fewer: (lesson) => ({
    question: "How many fewer nodes has the plan whose batch size was set?",
    label: "Nodes",
    check: (entered) => judgeFewer(lesson, entered),
  }),
  need: (lesson) => ({
    question: "How many images does a profile of this model need at least?",
    label: "Images",
    check: (entered) => judgeLeast(lesson, entered),
  }),
  second: (lesson) => ({
    question:
      "By your measurement: how many digits a second does the largest batch read? An estimate is enough.",
    label: "Digits a second",
    check: (entered) => judgeSecond(lesson, entered),
  }),
  enough: async (lesson) => {
    const { whole } = await lesson.engine();
    const { images } = await readHeldOut(lesson, shapeOf(whole));
    return {
      question: `At least ${REQUIRED_ACCURACY * 100} % of the ${images.length} digits must be read right. How many may be wrong?`,
      label: "Wrong digits",
      check: (entered) => judgeEnough(images.length, entered),
    };
  },
};

function judgeNumbers(classes: number, entered: number): Verdict {
  const right = ASKED_BATCH * classes;
  if (entered === right) {
    return {
      right: true,
      reason: `${ASKED_BATCH} × ${classes}: one row of ${classes} for each image.`,
    };
  }
  return {
    right: false,
    reason:
      entered === classes
        ? `${classes} are the numbers of one image. Each of the ${ASKED_BATCH} images has its own row.`
        : `${entered} numbers would be ${(entered / ASKED_BATCH).toFixed(1)} for each of the ${ASKED_BATCH} images. The model gives 1 for each of ${classes} digits.`,
  };
}

/** A wire whose shape has the symbol in an expression, and its shape with the question's batch size. */
interface SymbolicWire {
  readonly open: readonly (number | string)[];
  readonly set: readonly number[];
}

/** Chooses a wire with the symbol in an expression. */
async function symbolicWire(lesson: Lesson): Promise<SymbolicWire> {
  const { whole } = await lesson.engine();
  const { symbol } = lesson.reading;
  const steps = firstOfEachShape(longestPath(await whole.graph()));
  const [chosen = steps.at(-1)] = steps.filter(({ shape }) =>
    shape.some((size) => typeof size === "string" && size !== symbol),
  );
  const model = await whole.setSymbols({ [symbol]: ASKED_BATCH });
  const path = longestPath(await model.graph());
  model.dispose();
  const set = path.find(({ node }) => node.name === chosen?.node.name);
  return { open: chosen?.shape ?? [], set: (set?.shape ?? []).map(Number) };
}

function judgeSize({ open, set }: SymbolicWire, entered: number): Verdict {
  const right = set.reduce((product, size) => product * size, 1);
  const product = `${open.join(" × ")} becomes ${set.join(" × ")}`;
  if (entered === right) return { right: true, reason: `${product} = ${right}.` };
  const wrong = set.indexOf(entered);
  return {
    right: false,
    reason:
      wrong >= 0
        ? `${entered} is the size of axis ${wrong} alone. ${product}; multiply all axes.`
        : `${product}, which is not ${entered}.`,
  };
}

/** Runs the engine with the entered size; its error is the reason. */
async function judgeLeast(lesson: Lesson, entered: number): Promise<Verdict> {
  if (entered < 0) return { right: false, reason: "A batch cannot have fewer than 0 images." };
  const engine = await lesson.engine();
  const shape = shapeOf(engine.whole);
  const { images } = await readHeldOut(lesson, shape);
  const refusalOf = async (count: number): Promise<string | undefined> => {
    try {
      await engine.run(engine.whole, { [shape.name]: batchOf(images.slice(0, count), shape) });
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const refusal = await refusalOf(entered);
  if (refusal) return { right: false, reason: `The engine refuses ${entered}: ${refusal}.` };
  const below = await refusalOf(entered - 1);
  return below
    ? { right: true, reason: `${entered} runs. The engine refuses ${entered - 1}: ${below}.` }
    : { right: false, reason: `${entered} runs, but so does ${entered - 1}.` };
}

async function judgeLeft(lesson: Lesson, entered: number): Promise<Verdict> {
  const { whole } = await lesson.engine();
  const { asks, left } = analyseSizes(await lesson.reading.archive("model"), await whole.graph());
  if (entered === left) {
    return {
      right: true,
      reason: `The text asks ${asks} times. The engine computes every answer when it reads the text, as an expression of ${lesson.reading.symbol}.`,
    };
  }
  return {
    right: false,
    reason: `The engine’s graph has ${left} nodes that compute a size, and the text asks ${asks} times. With ${entered} left, the engine would have to wait for a run.`,
  };
}

async function judgeFewer(lesson: Lesson, entered: number): Promise<Verdict> {
  const plans = await preparePlans(lesson);
  const profiles = await Promise.all(
    [plans.open, plans.set].map((plan) => plan.profile(plans.inputs, { rounds: 1 })),
  );
  plans.open.dispose();
  plans.set.dispose();
  const [open = 0, set = 0] = profiles.map(({ nodes }) => nodes.length);
  const sum = `${open} − ${set} = ${open - set}`;
  if (entered === open - set) return { right: true, reason: `${sum}.` };
  const kinds = countChanges(costsOf(profiles));
  return {
    right: false,
    reason: `${sum}, not ${entered}. The kinds that differ: ${kinds.join(", ")}.`,
  };
}

function judgeSecond(lesson: Lesson, entered: number): Verdict {
  const [batch, ms] = [...(findingsOf(lesson).measured ?? [])].at(-1) ?? [];
  if (batch === undefined || ms === undefined) {
    return { right: false, reason: "Press Measure first." };
  }
  const right = (batch * 1000) / ms;
  const rate = `${batch} digits in ${ms.toFixed(1)} ms are ${Math.round(right)} digits a second`;
  return Math.abs(entered - right) <= TOLERANCE * right
    ? { right: true, reason: `${rate}.` }
    : {
        right: false,
        reason: `${rate}. At ${entered} a second, the batch would take ${((batch * 1000) / Math.max(1, entered)).toFixed(1)} ms.`,
      };
}

function judgeEnough(count: number, entered: number): Verdict {
  const right = count - Math.ceil(REQUIRED_ACCURACY * count);
  const share = ((100 * (count - entered)) / count).toFixed(1);
  if (entered === right) {
    return { right: true, reason: `With ${entered} wrong, ${share} % are right.` };
  }
  return {
    right: false,
    reason:
      entered > right
        ? `With ${entered} wrong, ${share} % are right, too few.`
        : `With ${entered} wrong, ${share} % are right; there is room for ${right - entered} more.`,
  };
}
