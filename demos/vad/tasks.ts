import { defaultRules, Segmenter } from "nnef-pulse/segmenter";
import type { Lesson } from "../kit/page/lesson.ts";
import type { Task, Verdict } from "../kit/page/task.ts";
import { knownOf } from "./findings.ts";
import { type Anatomy, anatomyOf } from "./model/pulse-layout.ts";

/** A figure that a task asks has not run yet. */
const NOT_YET: Verdict = { right: false, reason: "The figure has not run yet." };
/** How far, in shares, an answer about a measured time may be off. */
const MEASURED = 0.1;
/** Spans the reader is to bring about. */
const JOINED = 2;
const ALONE = 1;
/** The frame asked about. */
const ASKED = 100;

/** The page's questions; every number in them is the bundle's, the sound's, or measured. */
export const tasks: Readonly<Record<string, (lesson: Lesson) => Task | Promise<Task>>> = {
  first: async (lesson) => {
    const anatomy = await anatomyOf(lesson);
    return {
      question: `Frame ${ASKED} is answered. Which is the earliest sample its windows read?`,
      label: "Sample",
      check: (entered) => ofFirst(entered, anatomy),
    };
  },
  spans: (lesson) => ({
    question: `Have exactly ${JOINED} spans found. The rules you set are your answer.`,
    label: "",
    answer: () => 0,
    check: () => knownOf(lesson).spans?.(JOINED) ?? NOT_YET,
  }),
  shift: (lesson) => ({
    question: "Are the times right now? The slider is your answer.",
    label: "",
    answer: () => 0,
    check: () => knownOf(lesson).shift?.() ?? NOT_YET,
  }),
  felt: (lesson) => ({
    question:
      "Find a place for the reset where it is felt for no pulse at all. The slider is your answer.",
    label: "",
    answer: () => 0,
    check: () => knownOf(lesson).felt?.() ?? NOT_YET,
  }),
  streams: (lesson) => ({
    question: "How many such streams could a single core follow at once, by what was measured?",
    label: "Streams",
    check: (entered) => ofStreams(entered, lesson),
  }),
  late: (lesson) => ({
    question:
      "Somebody stops speaking, and every answer from then on is near nothing. After how many of those answers is speechend told?",
    label: "Answers",
    check: (entered) => ofLate(entered, lesson),
  }),
  preview: (lesson) => ({
    question: `Set the preview so that it tells of exactly ${ALONE} span in the sample.`,
    label: "",
    answer: () => 0,
    check: () => knownOf(lesson).preview?.(ALONE) ?? NOT_YET,
  }),
  loud: async (lesson) => {
    const answers = await answersOf(lesson);
    const threshold = lesson.reading.manifest.defaults?.threshold ?? 0.5;
    return {
      question: `Of the reference’s ${answers.length} answers, how many reach ${threshold}?`,
      label: "Answers",
      check: (entered) => ofLoud(entered, answers, threshold),
    };
  },
};

function ofFirst(entered: number, { context, fresh }: Anatomy): Verdict {
  const right = ASKED * fresh - context;
  if (entered === right) {
    const reason = `${ASKED} × ${fresh} − ${context}: what is new in it, and before that what was kept.`;
    return { right: true, reason };
  }
  if (entered === ASKED * fresh) {
    const reason = `${entered} is where its new samples begin; ${context} kept ones stand in front of them.`;
    return { right: false, reason };
  }
  const pulse = Math.floor(entered / fresh);
  const before = right - entered;
  const place = `Sample ${entered} came in with pulse ${pulse}`;
  const reason =
    before > 0
      ? `${place}, ${before} samples before the first that was kept for frame ${ASKED}.`
      : `${place}; the windows of frame ${ASKED} begin ${-before} samples earlier.`;
  return { right: false, reason };
}

function ofStreams(entered: number, lesson: Lesson): Verdict {
  const { pace } = knownOf(lesson);
  const { audio } = lesson.reading.manifest;
  if (pace === undefined || audio === undefined) return NOT_YET;
  const pulseMs = (1000 * audio.samplesPerPulse) / audio.sampleRate;
  const right = Math.floor(pulseMs / pace);
  const ms = (value: number) => `${Number(value.toPrecision(3))} ms`;
  if (Math.abs(entered - right) <= MEASURED * right) {
    const reason = `${pulseMs} ms divided by ${ms(pace)} is ${right}, as measured last, with nothing left for the page.`;
    return { right: true, reason };
  }
  const took = ms(entered * pace);
  const reason =
    entered > right
      ? `${entered} pulses take ${took}, and the next ones are there after ${pulseMs} ms.`
      : `${entered} pulses take ${took} of the ${pulseMs} ms there are: more would do.`;
  return { right: false, reason };
}

/** Answers near nothing until the end of a span is told, by the rules themselves. */
function ofLate(entered: number, { reading }: Lesson): Verdict {
  const { audio, defaults = {} } = reading.manifest;
  const { sampleRate, samplesPerPulse } = audio ?? { sampleRate: 16000, samplesPerPulse: 512 };
  const { frameSamples = samplesPerPulse, ...own } = defaults;
  const rules = { ...defaultRules, ...own };
  const segmenter = new Segmenter({ ...rules, sampleRate, frameSamples });
  const long = Math.ceil((2 * rules.minSpeechMs * sampleRate) / 1000 / frameSamples) + 1;
  for (let frame = 0; frame < long; frame++) segmenter.push(1);
  let right = 0;
  for (let told = false; !told; right++) {
    told = segmenter.push(0).some(({ type }) => type === "speechend");
  }
  const ms = (frames: number) => (1000 * frames * frameSamples) / sampleRate;
  if (entered === right) {
    const reason = `The silence begins with the first of them and is ${ms(right - 1)} ms old with the last: no shorter than ${rules.minSilenceMs} ms. Told after ${ms(right)} ms of it.`;
    return { right: true, reason };
  }
  const reason =
    entered < right
      ? `With ${entered} of them the silence is ${ms(Math.max(0, entered - 1))} ms old when the last begins, and ${rules.minSilenceMs} ms are asked for.`
      : `Before the last of ${entered} it was ${ms(entered - 2)} ms old already, and ${rules.minSilenceMs} ms are asked for.`;
  return { right: false, reason };
}

/** What the source framework answered to the reference. */
async function answersOf({ reading }: Lesson): Promise<readonly number[]> {
  const reference = await reading.reference();
  const output = reference.get(reading.manifest.outputs[0]?.name ?? "");
  return [...((output?.data as Float32Array | undefined) ?? [])];
}

function ofLoud(entered: number, answers: readonly number[], threshold: number): Verdict {
  const sorted = [...answers].sort((a, b) => b - a);
  const right = sorted.filter((p) => p >= threshold).length;
  if (entered === right) {
    return { right: true, reason: `${right} of ${answers.length} reach ${threshold}.` };
  }
  const place = Math.max(1, Math.min(answers.length, entered));
  const p = (sorted[place - 1] ?? 0).toFixed(4);
  const reason =
    entered > right
      ? `Sorted, number ${place} is ${p}: it does not reach ${threshold}.`
      : `Sorted, number ${right} is ${(sorted[right - 1] ?? 0).toFixed(4)}: it reaches ${threshold} too.`;
  return { right: false, reason };
}
