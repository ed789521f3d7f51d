import { defaultRules, Segmenter } from "nnef-pulse/segmenter";
import { countOf } from "../kit/figures/text.ts";
import type { Lesson } from "../kit/page/lesson.ts";
import type { Task, Verdict } from "../kit/page/task.ts";
import { findingsOf } from "./findings.ts";
import { type PulseLayout, readPulseLayout } from "./model/pulse-layout.ts";

const NOT_YET: Verdict = { right: false, reason: "The figure has not run yet." };
/** Relative tolerance of answers about measured times. */
const TOLERANCE = 0.1;
/** Numbers of spans that the reader has to reach. */
const RULE_SPANS = 2;
const PREVIEW_SPANS = 1;
/** Frame of the question. */
const ASKED_FRAME = 100;

export const tasks: Readonly<Record<string, (lesson: Lesson) => Task | Promise<Task>>> = {
  first: async (lesson) => {
    const layout = await readPulseLayout(lesson);
    return {
      question: `Which is the first sample that the windows of frame ${ASKED_FRAME} read?`,
      label: "Sample",
      check: (entered) => judgeFirst(entered, layout),
    };
  },
  spans: (lesson) => ({
    question: `Set the rules so that they find exactly ${RULE_SPANS} spans. The sliders are your answer.`,
    label: "",
    answer: () => 0,
    check: () => findingsOf(lesson).spans?.(RULE_SPANS) ?? NOT_YET,
  }),
  shift: (lesson) => ({
    question: "Are the times right? The slider is your answer.",
    label: "",
    answer: () => 0,
    check: () => findingsOf(lesson).shift?.() ?? NOT_YET,
  }),
  felt: (lesson) => ({
    question:
      "Find a place where a reset changes no probability noticeably. The slider is your answer.",
    label: "",
    answer: () => 0,
    check: () => findingsOf(lesson).resetEffect?.() ?? NOT_YET,
  }),
  streams: (lesson) => ({
    question: "By this measurement, how many streams could a single core process at once?",
    label: "Streams",
    check: (entered) => judgeStreams(entered, lesson),
  }),
  late: (lesson) => ({
    question:
      "Somebody stops speaking, and every probability from then on is near 0. After how many of these comes speechend?",
    label: "Probabilities",
    check: (entered) => judgeLate(entered, lesson),
  }),
  preview: (lesson) => ({
    question: `Set the sliders so that the preview finds exactly ${countOf(PREVIEW_SPANS, "span")} in the sample.`,
    label: "",
    answer: () => 0,
    check: () => findingsOf(lesson).preview?.(PREVIEW_SPANS) ?? NOT_YET,
  }),
  loud: async (lesson) => {
    const answers = await answersOf(lesson);
    const threshold = lesson.reading.manifest.defaults?.threshold ?? 0.5;
    return {
      question: `How many of the reference’s ${answers.length} probabilities reach ${threshold}?`,
      label: "Probabilities",
      check: (entered) => judgeLoud(entered, answers, threshold),
    };
  },
};

function judgeFirst(entered: number, { context, fresh }: PulseLayout): Verdict {
  const right = ASKED_FRAME * fresh - context;
  if (entered === right) {
    const reason = `${ASKED_FRAME} × ${fresh} − ${context}: the kept samples come before the new ones.`;
    return { right: true, reason };
  }
  if (entered === ASKED_FRAME * fresh) {
    const reason = `Its new samples begin at ${entered}. The ${context} kept ones come before them.`;
    return { right: false, reason };
  }
  const pulse = Math.floor(entered / fresh);
  const before = right - entered;
  const place = `Sample ${entered} came in with pulse ${pulse}`;
  const reason =
    before > 0
      ? `${place}, ${countOf(before, "sample")} before the first that was kept for frame ${ASKED_FRAME}.`
      : `${place}. The windows of frame ${ASKED_FRAME} begin ${countOf(-before, "sample")} earlier.`;
  return { right: false, reason };
}

function judgeStreams(entered: number, lesson: Lesson): Verdict {
  const { pulseMs: measuredMs } = findingsOf(lesson);
  const { audio } = lesson.reading.manifest;
  if (measuredMs === undefined || audio === undefined) return NOT_YET;
  const pulseMs = (1000 * audio.samplesPerPulse) / audio.sampleRate;
  const right = Math.floor(pulseMs / measuredMs);
  const ms = (value: number) => `${Number(value.toPrecision(3))} ms`;
  if (Math.abs(entered - right) <= TOLERANCE * right) {
    const reason = `${pulseMs} ms divided by ${ms(measuredMs)} is ${right}, by the last measurement, with no time left for the page.`;
    return { right: true, reason };
  }
  const took = ms(entered * measuredMs);
  const reason =
    entered > right
      ? `${countOf(entered, "pulse")} take ${took}, but the next ones come after ${pulseMs} ms.`
      : `${countOf(entered, "pulse")} take ${took} of ${pulseMs} ms: more streams fit.`;
  return { right: false, reason };
}

/** Runs the rules to count the low probabilities before `speechend`. */
function judgeLate(entered: number, { reading }: Lesson): Verdict {
  const { audio, defaults = {} } = reading.manifest;
  const { sampleRate, samplesPerPulse } = audio ?? { sampleRate: 16000, samplesPerPulse: 512 };
  const { frameSamples = samplesPerPulse, ...own } = defaults;
  const rules = { ...defaultRules, ...own };
  const segmenter = new Segmenter({ ...rules, sampleRate, frameSamples });
  const long = Math.ceil((2 * rules.minSpeechMs * sampleRate) / 1000 / frameSamples) + 1;
  for (let frame = 0; frame < long; frame++) segmenter.push(1);
  let right = 0;
  for (let isSent = false; !isSent; right++) {
    isSent = segmenter.push(0).some(({ type }) => type === "speechend");
  }
  const ms = (frames: number) => (1000 * frames * frameSamples) / sampleRate;
  if (entered === right) {
    const reason = `The silence begins with the first of them. When the last begins it has lasted ${ms(right - 1)} ms, no less than ${rules.minSilenceMs} ms. The event comes after ${ms(right)} ms of silence.`;
    return { right: true, reason };
  }
  const reason =
    entered < right
      ? `With ${entered} of them the silence has lasted ${ms(Math.max(0, entered - 1))} ms when the last begins. The rules ask for ${rules.minSilenceMs} ms.`
      : `Before the last of ${entered} it had lasted ${ms(entered - 2)} ms already. The rules ask for ${rules.minSilenceMs} ms.`;
  return { right: false, reason };
}

/** Probabilities of the reference. */
async function answersOf({ reading }: Lesson): Promise<readonly number[]> {
  const reference = await reading.reference();
  const output = reference.get(reading.manifest.outputs[0]?.name ?? "");
  return [...((output?.data as Float32Array | undefined) ?? [])];
}

function judgeLoud(entered: number, answers: readonly number[], threshold: number): Verdict {
  const sorted = [...answers].sort((a, b) => b - a);
  const right = sorted.filter((p) => p >= threshold).length;
  if (entered === right) {
    return { right: true, reason: `${right} of ${answers.length} reach ${threshold}.` };
  }
  const place = Math.max(1, Math.min(answers.length, entered));
  const p = (sorted[place - 1] ?? 0).toFixed(4);
  const reason =
    entered > right
      ? `In sorted order, number ${place} is ${p}: it does not reach ${threshold}.`
      : `Sorted, number ${right} is ${(sorted[right - 1] ?? 0).toFixed(4)}: it reaches ${threshold} too.`;
  return { right: false, reason };
}
