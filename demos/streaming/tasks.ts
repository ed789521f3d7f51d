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
import type { Lesson } from "../kit/page/lesson.ts";
import type { Verdict } from "../kit/page/task.ts";
import type { Parts } from "../kit/page/walkthrough.ts";
import { chain, nameOf } from "./figures/rows.ts";
import { knownOf } from "./findings.ts";

/** What questions are asked about; every number is the bundle's. */
interface Asked {
  readonly windows: readonly Window[];
  /** Input frames of the shortest strip, from one output frame to the next, and of the strip asked about. */
  readonly least: number;
  readonly every: number;
  readonly length: number;
  /** The bundle's first pulsed form. */
  readonly made: { readonly pulse: number; readonly delay: number };
}

async function asked({ reading }: Lesson): Promise<Asked> {
  const windows = await reading.windows();
  const [least, every] = [shortest(windows), step(windows)];
  const [made = { pulse: every, delay: 0 }] = reading.manifest.pulses;
  return { windows, least, every, length: least + 4 * every + 1, made };
}

/** The page's questions. */
export const tasks: Parts["tasks"] = {
  shortest: async (lesson) => {
    const it = await asked(lesson);
    return {
      question: "How many frames has the shortest strip this model takes?",
      label: "Frames of the shortest strip",
      check: (entered) => ofShortest(it, entered),
    };
  },
  count: async (lesson) => {
    const it = await asked(lesson);
    return {
      question: `A strip has ${it.length} frames. How many has the output?`,
      label: "Frames of the output",
      check: (entered) => ofCount(it, entered),
    };
  },
  pulse: async (lesson) => {
    const { made, every } = await asked(lesson);
    const wanted = made.pulse + every + 1;
    return {
      question: `Which is the smallest pulse of at least ${wanted} frames that this model can be cut into?`,
      label: "Pulse",
      check: (entered) => ofPulse(entered, wanted, every, lesson.reading.symbol),
    };
  },
  overlap: async (lesson) => {
    const window = widest(await asked(lesson));
    return {
      question: `If ${window ? nameOf(window) : "the first window"} had a kernel larger by one, what would its overlap be?`,
      label: "Overlap",
      check: (entered) => ofOverlap(window, entered),
    };
  },
  shift: (lesson) => ({
    question: "Is the difference flat? The slider is your answer.",
    label: "",
    answer: () => knownOf(lesson).shift?.shift ?? 0,
    check: () =>
      knownOf(lesson).shift?.verdict() ?? { right: false, reason: "The figure has not run yet." },
  }),
  ghosts: async (lesson) => {
    const it = await asked(lesson);
    return {
      question:
        "You reset the state in mid-stream. How many output frames come before the next one that stands for something?",
      label: "Frames",
      check: (entered) => ofGhosts(it, entered),
    };
  },
  wait: async (lesson) => {
    const it = await asked(lesson);
    return {
      question:
        "The net runs both ways. Until which input frame must it wait to be sure of output frame 0?",
      label: "Input frame",
      check: async (entered) => ofWait(lesson, entered, await lastSeen(it, lesson)),
    };
  },
  pulses: async (lesson) => {
    const it = await asked(lesson);
    return {
      question: `How many pulses of ${2 * it.made.pulse} does a strip of ${it.length} frames take, until its last output frame is out?`,
      label: "Pulses",
      check: (entered) => ofPulses(it, entered),
    };
  },
};

function ofShortest({ windows, least }: Asked, entered: number): Verdict {
  const left = chain(windows, entered).join(" → ");
  if (entered === least) {
    return { right: true, reason: `${left}: one output frame, made of every one of them.` };
  }
  if (entered > least) {
    return {
      right: false,
      reason: `${entered} frames do: ${left}. But the first output frame sees only ${fieldWidth(windows)} of them.`,
    };
  }
  const counts = chain(windows, entered);
  const stuck = windows[Math.max(0, counts.indexOf(0) - 1)];
  const had = counts[Math.max(0, counts.indexOf(0) - 1)];
  return {
    right: false,
    reason: `With ${entered} frames ${stuck ? nameOf(stuck) : "a window"} gets ${had}, and needs ${stuck?.kernel}: nothing is left.`,
  };
}

function ofCount({ windows, every, length }: Asked, entered: number): Verdict {
  const counts = chain(windows, length);
  const right = counts.at(-1);
  const way = counts.join(" → ");
  if (entered === right) return { right: true, reason: `${way}, row by row.` };
  if (entered === Math.floor(length / every)) {
    return {
      right: false,
      reason: `${entered} is ${length} divided by ${every}: the strides alone. The kernels take their share at each row.`,
    };
  }
  const wrong = fieldOf(windows, entered - 1)[0];
  return {
    right: false,
    reason:
      entered > (right ?? 0)
        ? `Frame ${entered - 1} would see input up to frame ${wrong?.to}, and the strip ends at ${length - 1}.`
        : `Frame ${entered}, the next, still finds its input: it would end at frame ${fieldOf(windows, Math.max(0, entered))[0]?.to} of ${length - 1}.`,
  };
}

function ofPulse(entered: number, wanted: number, every: number, symbol: string): Verdict {
  const right = Math.ceil(wanted / every) * every;
  if (entered === right) {
    return {
      right: true,
      reason: `${right} = ${right / every} × ${every}: every pulse ends where a window begins.`,
    };
  }
  if (entered % every !== 0) {
    return {
      right: false,
      reason: `${entered} = ${Math.floor(entered / every)} × ${every} + ${entered % every}: the second pulse of ${symbol} would begin ${entered % every} frames into a step.`,
    };
  }
  return {
    right: false,
    reason:
      entered < wanted
        ? `${entered} can be cut, but is below ${wanted}.`
        : `${entered} can be cut, but ${entered - every} too, and is still at least ${wanted}.`,
  };
}

/** The window with the most frames to keep. */
function widest({ windows }: Asked) {
  return [...windows].sort((a, b) => b.kernel - b.stride - (a.kernel - a.stride))[0];
}

function ofOverlap(window: Window | undefined, entered: number): Verdict {
  if (!window) return { right: false, reason: "This model has no window." };
  const kernel = window.kernel + 1;
  const right = kernel - window.stride;
  if (entered === right) {
    return {
      right: true,
      reason: `${kernel} − ${window.stride} = ${right}: the frames the next window needs again.`,
    };
  }
  return {
    right: false,
    reason: `With ${entered} frames kept and ${window.stride} new, a window has ${entered + window.stride} to look at; it needs ${kernel}.`,
  };
}

function ofGhosts({ made: { pulse, delay }, every }: Asked, entered: number): Verdict {
  if (entered === delay) {
    return {
      right: true,
      reason: `${delay}, as at the head of the stream: the windows fill anew.`,
    };
  }
  return {
    right: false,
    reason: `Each pulse gives ${pulse / every} frames. After ${entered} of them the next one stands for frame ${entered - delay} counted from the reset${entered < delay ? ", which is none" : ": others came before it"}.`,
  };
}

/** The last input frame any output frame of the example strip sees. */
async function lastSeen({ windows }: Asked, { reading }: Lesson): Promise<number> {
  const reference = await reading.reference();
  const name = reading.manifest.inputs[0]?.name ?? "";
  const length = reference.get(name)?.shape[1] ?? 0;
  const last = framesOf(countAfter(windows), length) - 1;
  return fieldOf(windows, last)[0]?.to ?? 0;
}

/** Asked about pulses of twice the size the bundle was made with. */
function ofPulses(
  { windows, every, length, made: { pulse, delay } }: Asked,
  entered: number,
): Verdict {
  const made = (2 * pulse) / every;
  const count = framesOf(countAfter(windows), length);
  const right = Math.ceil((count + delay) / made);
  const out = `${count} frames, ${delay} late, ${made} a pulse`;
  if (entered === right) return { right: true, reason: `${out}: ${right} pulses.` };
  const got = Math.max(0, Math.min(count, entered * made - delay));
  return {
    right: false,
    reason:
      entered < right
        ? `After ${entered} pulses ${got} of ${count} frames are out: ${out}.`
        : `${entered - 1} would do already: ${out}.`,
  };
}

/** Judges until which input frame a bidirectional net must wait for its first output frame. */
async function ofWait(lesson: Lesson, entered: number, last: number): Promise<Verdict> {
  if (entered >= last) {
    return {
      right: true,
      reason: `The backward half begins at the strip's end, and input frame ${last} is the last that any output frame sees. On a stream that end never comes.`,
    };
  }
  const moved = await knownOf(lesson).influence?.(entered);
  const seen =
    moved === undefined
      ? "Look at the figure first"
      : moved > 0
        ? `The engine ran it twice: with the input changed after frame ${entered}, output frame 0 moves by ${shown(Number(moved.toPrecision(2)))}`
        : `What comes after frame ${entered} fades before it reaches output frame 0 here, but the layer still begins behind it`;
  return { right: false, reason: `${seen}. So ${entered} is too soon.` };
}
