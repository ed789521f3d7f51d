import {
  countAfter,
  fieldOf,
  fieldWidth,
  framesOf,
  shortest,
  shown,
  step,
  type Window,
} from "nnef-pulse/reading";
import { countOf } from "../kit/figures/text.ts";
import type { Lesson } from "../kit/page/lesson.ts";
import type { Verdict } from "../kit/page/task.ts";
import type { WalkthroughParts } from "../kit/page/walkthrough.ts";
import { frameCounts, nameOf } from "./figures/rows.ts";
import { Filter } from "./filter.ts";
import { findingsOf } from "./findings.ts";

/** Kernel of the question about the cut. */
const ASKED_KERNEL = 5;

/** The numbers that questions are about; all come from the bundle. */
interface TaskContext {
  readonly windows: readonly Window[];
  /** Input frames of the shortest strip that gives an output frame. */
  readonly shortest: number;
  /** Input frames from one output frame to the next. */
  readonly step: number;
  /** Input frames of the strip in the questions. */
  readonly length: number;
  /** The bundle's first pulsed form. */
  readonly pulsed: { readonly pulse: number; readonly delay: number };
}

async function contextOf({ reading }: Lesson): Promise<TaskContext> {
  const windows = await reading.windows();
  const [least, every] = [shortest(windows), step(windows)];
  const [pulsed = { pulse: every, delay: 0 }] = reading.manifest.pulses;
  return { windows, shortest: least, step: every, length: least + 4 * every + 1, pulsed };
}

/** Adds the bundle's numbers to a judgement. */
const withContext =
  (lesson: Lesson, judge: (context: TaskContext, entered: number) => Verdict) =>
  async (entered: number): Promise<Verdict> =>
    judge(await contextOf(lesson), entered);

export const tasks: WalkthroughParts["tasks"] = {
  carry: (lesson) => ({
    question: `A filter has a kernel of ${ASKED_KERNEL}. How many numbers have to be carried over?`,
    label: "Numbers",
    check: (entered) => judgeCarry(lesson, entered),
  }),
  shortest: (lesson) => ({
    question: "How many frames has the shortest strip that this model takes?",
    label: "Frames of the shortest strip",
    check: withContext(lesson, judgeShortest),
  }),
  count: async (lesson) => {
    const { length } = await contextOf(lesson);
    return {
      question: `A strip has ${length} frames. How many frames has the output?`,
      label: "Frames of the output",
      check: withContext(lesson, judgeCount),
    };
  },
  pulse: async (lesson) => {
    const context = await contextOf(lesson);
    const wanted = context.pulsed.pulse + context.step + 1;
    return {
      question: `What is the smallest possible pulse of at least ${wanted} frames?`,
      label: "Pulse",
      check: (entered) => judgePulse(entered, wanted, context.step, lesson.reading.symbol),
    };
  },
  overlap: async (lesson) => {
    const window = widestOverlap(await contextOf(lesson));
    return {
      question: `If the kernel of ${window ? nameOf(window) : "the first window"} were larger by 1, what would its overlap be?`,
      label: "Overlap",
      check: (entered) => judgeOverlap(window, entered),
    };
  },
  shift: (lesson) => ({
    question: "Is the difference flat? The slider is your answer.",
    label: "",
    answer: () => findingsOf(lesson).shift?.shift ?? 0,
    check: () =>
      findingsOf(lesson).shift?.verdict() ?? {
        right: false,
        reason: "The figure has not run yet.",
      },
  }),
  ghosts: (lesson) => ({
    question:
      "You reset the state in the middle of a stream. How many frames of padding come before the next valid frame?",
    label: "Frames",
    check: withContext(lesson, judgePadding),
  }),
  wait: (lesson) => ({
    question:
      "The network runs both ways. Until which input frame must it wait to be sure of output frame 0?",
    label: "Input frame",
    check: async (entered) =>
      judgeWait(lesson, entered, await lastReadFrame(await contextOf(lesson), lesson)),
  }),
  pulses: async (lesson) => {
    const { pulsed, length } = await contextOf(lesson);
    return {
      question: `A strip has ${length} frames, and a pulse has ${2 * pulsed.pulse}. After how many pulses is the last output frame out?`,
      label: "Pulses",
      check: withContext(lesson, judgePulses),
    };
  },
};

/** Pulses a filter of that kernel, and counts what the engine keeps. */
async function judgeCarry(lesson: Lesson, entered: number): Promise<Verdict> {
  const { tract } = await lesson.engine();
  const filter = await Filter.load(tract, new Array<number>(ASKED_KERNEL).fill(1));
  const { buffer } = await filter.runPulsed(
    new Array<number>(2 * ASKED_KERNEL).fill(1),
    ASKED_KERNEL,
  );
  filter.dispose();
  if (entered === buffer.length) {
    return {
      right: true,
      reason: `${ASKED_KERNEL} − 1. The engine has just pulsed such a filter: its delay buffer holds ${countOf(buffer.length, "number")}.`,
    };
  }
  return {
    right: false,
    reason: `With ${countOf(entered, "number")} carried over, the first output of the second piece has ${entered + 1} to read; it needs ${ASKED_KERNEL}${entered >= ASKED_KERNEL ? " and no more" : ""}.`,
  };
}

function judgeShortest(context: TaskContext, entered: number): Verdict {
  const counts = frameCounts(context.windows, entered);
  const path = counts.join(" → ");
  if (entered === context.shortest) {
    return { right: true, reason: `${path}: 1 output frame, made from all of them.` };
  }
  if (entered > context.shortest) {
    return {
      right: false,
      reason: `${entered} frames are enough: ${path}. But the first output frame reads only ${fieldWidth(context.windows)} of them.`,
    };
  }
  const stuck = Math.max(0, counts.indexOf(0) - 1);
  const window = context.windows[stuck];
  return {
    right: false,
    reason: `With ${countOf(entered, "frame")}, ${window ? nameOf(window) : "a window"} gets ${counts[stuck]}, and needs ${window?.kernel}: no output frame is left.`,
  };
}

function judgeCount({ windows, step: every, length }: TaskContext, entered: number): Verdict {
  const counts = frameCounts(windows, length);
  const right = counts.at(-1) ?? 0;
  if (entered === right) return { right: true, reason: `${counts.join(" → ")}, row by row.` };
  if (entered === Math.floor(length / every)) {
    return {
      right: false,
      reason: `${entered} is ${length} divided by ${every}: the strides alone. The kernels remove frames in each row as well.`,
    };
  }
  const lastRead = (frame: number) => fieldOf(windows, frame)[0]?.to;
  return {
    right: false,
    reason:
      entered > right
        ? `Frame ${entered - 1} would read input up to frame ${lastRead(entered - 1)}, and the strip ends at frame ${length - 1}.`
        : `Frame ${entered}, the next, has all its input too: it would end at frame ${lastRead(Math.max(0, entered))} of ${length - 1}.`,
  };
}

function judgePulse(entered: number, wanted: number, every: number, symbol: string): Verdict {
  const right = Math.ceil(wanted / every) * every;
  if (entered === right) {
    return {
      right: true,
      reason: `${right} = ${right / every} × ${every}: every pulse ends where a window begins.`,
    };
  }
  const rest = entered % every;
  if (rest !== 0) {
    return {
      right: false,
      reason: `${entered} = ${Math.floor(entered / every)} × ${every} + ${rest}: the second pulse of ${symbol} would begin ${countOf(rest, "frame")} into a step.`,
    };
  }
  return {
    right: false,
    reason:
      entered < wanted
        ? `${entered} is a possible pulse, but it is below ${wanted}.`
        : `${entered} is a possible pulse, but so is ${entered - every}, which is still at least ${wanted}.`,
  };
}

/** Frames that the next window reads again. */
const overlapOf = ({ kernel, stride, dilation }: Window): number =>
  Math.max(0, dilation * (kernel - 1) + 1 - stride);

const widestOverlap = ({ windows }: TaskContext): Window | undefined =>
  [...windows].sort((a, b) => overlapOf(b) - overlapOf(a))[0];

function judgeOverlap(window: Window | undefined, entered: number): Verdict {
  if (!window) return { right: false, reason: "This model has no window." };
  const { dilation, stride } = window;
  const kernel = window.kernel + 1;
  const right = overlapOf({ ...window, kernel });
  if (entered === right) {
    return {
      right: true,
      reason: `${dilation} × (${kernel} − 1) + 1 − ${stride} = ${right}: the frames that the next window reads again.`,
    };
  }
  return {
    right: false,
    reason: `With ${countOf(entered, "frame")} kept and ${stride} new, a window has ${entered + stride} to read; it needs ${right + stride}.`,
  };
}

function judgePadding(
  { pulsed: { pulse, delay }, step: every }: TaskContext,
  entered: number,
): Verdict {
  if (entered === delay) {
    return {
      right: true,
      reason: `${delay}, as at the start of the stream: the delay buffers fill again.`,
    };
  }
  const next = entered - delay;
  return {
    right: false,
    reason: `Each pulse gives ${countOf(pulse / every, "frame")}. After ${entered} of them the next one is ${next < 0 ? "still padding" : `frame ${next} since the reset, so ${countOf(next, "valid frame")} came before it`}.`,
  };
}

/** The last input frame that an output frame of the example strip reads. */
async function lastReadFrame({ windows }: TaskContext, { reading }: Lesson): Promise<number> {
  const reference = await reading.reference();
  const name = reading.manifest.inputs[0]?.name ?? "";
  const length = reference.get(name)?.shape[1] ?? 0;
  const last = framesOf(countAfter(windows), length) - 1;
  return fieldOf(windows, last)[0]?.to ?? 0;
}

/** The question is about pulses of twice the bundle's size. */
function judgePulses(context: TaskContext, entered: number): Verdict {
  const { windows, length, pulsed } = context;
  const perPulse = (2 * pulsed.pulse) / context.step;
  const count = framesOf(countAfter(windows), length);
  const right = Math.ceil((count + pulsed.delay) / perPulse);
  const sum = `${countOf(count, "frame")} and a delay of ${pulsed.delay}, at ${perPulse} in each pulse`;
  if (entered === right) return { right: true, reason: `${sum}: ${countOf(right, "pulse")}.` };
  const out = Math.max(0, Math.min(count, entered * perPulse - pulsed.delay));
  return {
    right: false,
    reason:
      entered < right
        ? `After ${countOf(entered, "pulse")}, ${out} of ${countOf(count, "frame")} are out: ${sum}.`
        : `${countOf(entered - 1, "pulse")} would be enough: ${sum}.`,
  };
}

/** @param last the last input frame that any output frame reads */
async function judgeWait(lesson: Lesson, entered: number, last: number): Promise<Verdict> {
  if (entered >= last) {
    return {
      right: true,
      reason: `The backwards half begins at the end of the strip. Input frame ${last} is the last that any output frame reads. On a stream that end never comes.`,
    };
  }
  const moved = await findingsOf(lesson).influence?.(entered);
  const seen =
    moved === undefined
      ? "Look at the figure first"
      : moved > 0
        ? `The engine ran it again, with the input changed after frame ${entered}: output frame 0 moves by ${shown(Number(moved.toPrecision(2)))}`
        : `Changes after frame ${entered} fade before they reach output frame 0 here, but the layer still begins after it`;
  return { right: false, reason: `${seen}. So frame ${entered} is too early.` };
}
