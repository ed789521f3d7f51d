import type { Lesson } from "../kit/page/lesson.ts";
import type { Verdict } from "../kit/page/task.ts";
import type { Parts } from "../kit/page/walkthrough.ts";
import { WANTED } from "./figures/held-out.ts";
import { knownOf } from "./findings.ts";
import { batchOf, heldOutOf, shapeOf } from "./images/digits.ts";
import { changes, costsOf, newShapes, wayThrough } from "./plans/graph-path.ts";
import { bothPlans } from "./plans/prepare-plans.ts";
import { sizesOf } from "./plans/size-operations.ts";

/** Images the questions are asked about. */
const ASKED = 7;
/** How near a measured answer has to be. */
const NEAR = 0.15;

/** The page's questions; what they ask for is the bundle's, the engine's, or was measured here. */
export const tasks: Parts["tasks"] = {
  numbers: ({ reading }) => ({
    question: `You give it ${ASKED} images at once. How many numbers come out?`,
    label: "Numbers",
    check: (entered) => ofNumbers(Number(reading.manifest.outputs[0]?.fact.split(",")[1]), entered),
  }),
  size: async (lesson) => {
    const { symbol } = lesson.reading;
    const wire = await mixed(lesson);
    return {
      question: `A wire is ${wire.open.join(",")}. How many numbers flow on it with ${symbol} = ${ASKED}?`,
      label: "Numbers",
      check: (entered) => ofSize(wire, entered),
    };
  },
  least: (lesson) => ({
    question: "How many images has the smallest batch the dynamic export takes?",
    label: "Images",
    check: (entered) => ofLeast(lesson, entered),
  }),
  left: (lesson) => ({
    question:
      "How many of the text’s operations that ask for a shape are left in the engine’s graph?",
    label: "Operations",
    check: (entered) => ofLeft(lesson, entered),
  }),
  fewer: (lesson) => ({
    question: "How many nodes fewer has the plan whose batch was set before?",
    label: "Nodes",
    check: (entered) => ofFewer(lesson, entered),
  }),
  need: (lesson) => ({
    question: "How many images does a profile of this model need at least?",
    label: "Images",
    check: (entered) => ofLeast(lesson, entered),
  }),
  second: (lesson) => ({
    question:
      "By your own measurement: how many digits does the largest batch read in a second? Near is good enough.",
    label: "Digits a second",
    check: (entered) => ofSecond(lesson, entered),
  }),
  enough: async (lesson) => {
    const { whole } = await lesson.engine();
    const { images } = await heldOutOf(lesson, shapeOf(whole));
    return {
      question: `At least ${WANTED * 100} % of the ${images.length} digits are to be read right. How many wrong ones does that allow?`,
      label: "Wrong digits",
      check: (entered) => ofEnough(images.length, entered),
    };
  },
};

function ofNumbers(classes: number, entered: number): Verdict {
  const right = ASKED * classes;
  if (entered === right) {
    return { right: true, reason: `${ASKED} × ${classes}: one row of ${classes} for each image.` };
  }
  return {
    right: false,
    reason:
      entered === classes
        ? `${classes} are the numbers of one image. Each of the ${ASKED} has its own row.`
        : `${entered} numbers are ${(entered / ASKED).toFixed(1)} for each of the ${ASKED} images; the model gives one for each of ${classes} digits.`,
  };
}

/** A wire on the way whose size the symbol is mixed into, and its size with the batch asked about. */
interface Wire {
  readonly open: readonly (number | string)[];
  readonly set: readonly number[];
}

/** The wire with the most to work out. */
async function mixed(lesson: Lesson): Promise<Wire> {
  const { whole } = await lesson.engine();
  const { symbol } = lesson.reading;
  const stations = newShapes(wayThrough(await whole.graph()));
  const [chosen = stations.at(-1)] = stations.filter(({ shape }) =>
    shape.some((size) => typeof size === "string" && size !== symbol),
  );
  const model = await whole.setSymbols({ [symbol]: ASKED });
  const way = wayThrough(await model.graph());
  model.dispose();
  const set = way.find(({ node }) => node.name === chosen?.node.name);
  return { open: chosen?.shape ?? [], set: (set?.shape ?? []).map(Number) };
}

function ofSize({ open, set }: Wire, entered: number): Verdict {
  const right = set.reduce((product, size) => product * size, 1);
  const way = `${open.join(" × ")} becomes ${set.join(" × ")}`;
  if (entered === right) return { right: true, reason: `${way} = ${right}.` };
  const wrong = set.indexOf(entered);
  return {
    right: false,
    reason:
      wrong >= 0
        ? `${entered} is the size of axis ${wrong} alone. ${way}, all of it multiplied.`
        : `${way}, which is not ${entered}.`,
  };
}

/** The engine is asked itself: its sentence is the reason. */
async function ofLeast(lesson: Lesson, entered: number): Promise<Verdict> {
  if (entered < 0) return { right: false, reason: "A batch cannot have fewer than no images." };
  const engine = await lesson.engine();
  const shape = shapeOf(engine.whole);
  const { images } = await heldOutOf(lesson, shape);
  const answers = async (count: number): Promise<string | undefined> => {
    try {
      await engine.run(engine.whole, { [shape.name]: batchOf(images.slice(0, count), shape) });
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const refusal = await answers(entered);
  if (refusal) return { right: false, reason: `The engine, asked for ${entered}: ${refusal}.` };
  const below = await answers(entered - 1);
  return below
    ? { right: true, reason: `${entered} runs. Asked for ${entered - 1}: ${below}.` }
    : { right: false, reason: `${entered} runs, but ${entered - 1} too.` };
}

async function ofLeft(lesson: Lesson, entered: number): Promise<Verdict> {
  const { whole } = await lesson.engine();
  const { asks, left } = sizesOf(await lesson.reading.archive("model"), await whole.graph());
  if (entered === left) {
    return {
      right: true,
      reason: `The text asks ${asks} times. The engine works every answer out as an expression of ${lesson.reading.symbol} when it reads the text.`,
    };
  }
  return {
    right: false,
    reason: `The engine’s graph has ${left} nodes that compute a size, of ${asks} times the text asks; ${entered} would mean it waits for a run to know.`,
  };
}

async function ofFewer(lesson: Lesson, entered: number): Promise<Verdict> {
  const plans = await bothPlans(lesson);
  const profiles = await Promise.all(
    [plans.open, plans.set].map((plan) => plan.profile(plans.inputs, { rounds: 1 })),
  );
  plans.open.dispose();
  plans.set.dispose();
  const [open = 0, set = 0] = profiles.map(({ nodes }) => nodes.length);
  const way = `${open} − ${set} = ${open - set}`;
  if (entered === open - set) return { right: true, reason: `${way}.` };
  const kinds = changes(costsOf(profiles));
  return { right: false, reason: `${way}, not ${entered}. The kinds: ${kinds.join(", ")}.` };
}

function ofSecond(lesson: Lesson, entered: number): Verdict {
  const [batch, ms] = [...(knownOf(lesson).measured ?? [])].at(-1) ?? [];
  if (batch === undefined || ms === undefined) {
    return { right: false, reason: "Press Measure first: nothing is measured yet." };
  }
  const right = (batch * 1000) / ms;
  const way = `${batch} digits in ${ms.toFixed(1)} ms are ${Math.round(right)} a second`;
  return Math.abs(entered - right) <= NEAR * right
    ? { right: true, reason: `${way}.` }
    : {
        right: false,
        reason: `${way}; at ${entered}, the batch would take ${((batch * 1000) / Math.max(1, entered)).toFixed(1)} ms.`,
      };
}

function ofEnough(count: number, entered: number): Verdict {
  const right = count - Math.ceil(WANTED * count);
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
