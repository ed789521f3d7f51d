import {
  countAfter,
  fieldOf,
  fieldWidth,
  framesOf,
  shortest,
  shown,
  step,
} from "nnef-pulse/reading";
import type { Lesson } from "../form/lesson.ts";
import type { Task, Verdict } from "../form/task.ts";
import { chain, nameOf } from "./figures/rows.ts";
import { knownOf } from "./known.ts";

/** The page's questions; every number in them is the bundle's. */
export function tasks(lesson: Lesson): Readonly<Record<string, Task>> {
  const { windows, reading } = lesson;
  const { symbol, manifest } = reading;
  const least = shortest(windows);
  const every = step(windows);
  const asked = least + 4 * every + 1;
  const [made = { pulse: every, delay: 0 }] = manifest.pulses;
  const wanted = made.pulse + every + 1;
  return {
    shortest: {
      question: "How many frames has the shortest strip this model takes?",
      label: "Frames of the shortest strip",
      check: (entered) => ofShortest(lesson, entered, least),
    },
    count: {
      question: `A strip has ${asked} frames. How many has the output?`,
      label: "Frames of the output",
      check: (entered) => ofCount(lesson, entered, asked),
    },
    pulse: {
      question: `Which is the smallest pulse of at least ${wanted} frames that this model can be cut into?`,
      label: "Pulse",
      check: (entered) => ofPulse(entered, wanted, every, symbol),
    },
    overlap: {
      question: `If ${windowsName(lesson)} had a kernel larger by one, what would its overlap be?`,
      label: "Overlap",
      check: (entered) => ofOverlap(lesson, entered),
    },
    shift: {
      question: "Is the difference flat? The slider is your answer.",
      label: "",
      answer: () => knownOf(lesson).shift?.shift ?? 0,
      check: () =>
        knownOf(lesson).shift?.verdict() ?? { right: false, reason: "The figure has not run yet." },
    },
    ghosts: {
      question:
        "You reset the state in mid-stream. How many output frames come before the next one that stands for something?",
      label: "Frames",
      check: (entered) => ofGhosts(entered, made, every),
    },
    wait: {
      question:
        "The net runs both ways. Until which input frame must it wait to be sure of output frame 0?",
      label: "Input frame",
      check: async (entered) => ofWait(lesson, entered, await lastSeen(lesson)),
    },
    pulses: {
      question: `How many pulses of ${2 * made.pulse} does a strip of ${asked} frames take, until its last output frame is out?`,
      label: "Pulses",
      check: (entered) => ofPulses(lesson, entered, asked, 2 * made.pulse),
    },
  };
}

function ofShortest({ windows }: Lesson, entered: number, least: number): Verdict {
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

function ofCount({ windows }: Lesson, entered: number, asked: number): Verdict {
  const counts = chain(windows, asked);
  const right = counts.at(-1);
  const way = counts.join(" → ");
  if (entered === right) return { right: true, reason: `${way}, row by row.` };
  const every = step(windows);
  if (entered === Math.floor(asked / every)) {
    return {
      right: false,
      reason: `${entered} is ${asked} divided by ${every}: the strides alone. The kernels take their share at each row.`,
    };
  }
  const wrong = fieldOf(windows, entered - 1)[0];
  return {
    right: false,
    reason:
      entered > (right ?? 0)
        ? `Frame ${entered - 1} would see input up to frame ${wrong?.to}, and the strip ends at ${asked - 1}.`
        : `Frame ${entered}, the next, still finds its input: it would end at frame ${fieldOf(windows, Math.max(0, entered))[0]?.to} of ${asked - 1}.`,
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
function widest({ windows }: Lesson) {
  return [...windows].sort((a, b) => b.kernel - b.stride - (a.kernel - a.stride))[0];
}
const windowsName = (lesson: Lesson): string => {
  const window = widest(lesson);
  return window ? nameOf(window) : "the first window";
};

function ofOverlap(lesson: Lesson, entered: number): Verdict {
  const window = widest(lesson);
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

function ofGhosts(
  entered: number,
  { pulse, delay }: { readonly pulse: number; readonly delay: number },
  every: number,
): Verdict {
  if (entered === delay) {
    return {
      right: true,
      reason: `${delay}, as at the head of the stream: the windows fill anew.`,
    };
  }
  const made = pulse / every;
  return {
    right: false,
    reason: `Each pulse gives ${made} frames. After ${entered} of them the next one stands for frame ${entered - delay} counted from the reset${entered < delay ? ", which is none" : ": others came before it"}.`,
  };
}

/** The last input frame any output frame of the example strip sees. */
async function lastSeen({ windows, reading }: Lesson): Promise<number> {
  const reference = await reading.reference();
  const name = reading.manifest.inputs[0]?.name ?? "";
  const length = reference.get(name)?.shape[1] ?? 0;
  const last = framesOf(countAfter(windows), length) - 1;
  return fieldOf(windows, last)[0]?.to ?? 0;
}

function ofPulses(
  { windows, reading }: Lesson,
  entered: number,
  length: number,
  pulse: number,
): Verdict {
  const made = pulse / step(windows);
  const delay = reading.manifest.pulses[0]?.delay ?? 0;
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
