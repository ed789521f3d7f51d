import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  OptionError,
  type Segment,
  type SegmentEvent,
  Segmenter,
  type SegmenterOptions,
  speechSegments,
} from "../../../web/src/segmenter.js";

const S = 0.9;
const Z = 0.05;
const M = 0.4;

/** `[[10, Z], [20, S]]` is ten frames of Z and twenty of S. */
function track(...runs: [number, number][]): number[] {
  return runs.flatMap(([count, p]) => Array<number>(count).fill(p));
}

function pairs(segments: readonly Segment[]): [number, number][] {
  return segments.map(({ start, end }) => [start, end]);
}

function segments(
  probabilities: number[],
  options: Partial<Parameters<typeof speechSegments>[1]> = {},
) {
  return pairs(speechSegments(probabilities, { sampleRate: 16000, ...options }));
}

/** What a stream makes of the same track, with every event in order. */
function stream(
  probabilities: readonly number[],
  sampleRate: number,
  options: SegmenterOptions,
  length: number,
): SegmentEvent[] {
  const segmenter = new Segmenter({ sampleRate, ...options });
  const events = probabilities.flatMap((p) => segmenter.push(p));
  return [...events, ...segmenter.end(length)];
}

describe("outputs of silero-vad 6.2.3", () => {
  const silence = track([10, Z]);
  const one = track([10, Z], [20, S], [10, Z]);

  it("finds one segment, at both rates", () => {
    expect(segments(one)).toEqual([[4640, 15840]]);
    expect(segments(one, { sampleRate: 8000 })).toEqual([[2320, 7920]]);
    expect(segments(silence)).toEqual([]);
    expect(segments([])).toEqual([]);
  });
  it("ends an open segment where the sound ends", () => {
    expect(segments(track([10, Z], [20, S], [2, Z]), { length: 16284 })).toEqual([[4640, 16284]]);
  });
  it("splits at a silence of five windows, not of four", () => {
    expect(segments(track([5, Z], [20, S], [4, Z], [20, S], [10, Z]))).toEqual([[2080, 25568]]);
    expect(segments(track([5, Z], [20, S], [5, Z], [20, S], [10, Z]))).toEqual([
      [2080, 13280],
      [14880, 26080],
    ]);
    expect(segments(track([5, Z], [20, S], [1, Z], [30, M], [20, S], [10, Z]))).toEqual([
      [2080, 39392],
    ]);
  });
  it("wants more than the minimum length", () => {
    expect(segments(track([5, Z], [7, S], [10, Z]))).toEqual([]);
    expect(segments(track([5, Z], [8, S], [10, Z]))).toEqual([[2080, 7136]]);
  });
  it("cuts at the maximum length", () => {
    expect(segments(track([2, Z], [70, S], [10, Z]), { maxSpeechMs: 1000 })).toEqual([
      [544, 16128],
      [16128, 31488],
      [31488, 37344],
    ]);
    const broken = track([2, Z], [12, S], [4, Z], [30, S], [10, Z]);
    expect(segments(broken, { maxSpeechMs: 1000 })).toEqual([
      [544, 7648],
      [8736, 24544],
    ]);
    expect(
      segments(broken, { maxSpeechMs: 1000, useMaxPossibleSilenceAtMaxSpeech: false }),
    ).toEqual([
      [544, 16128],
      [16128, 25056],
    ]);
  });
  it("shares the gap between neighbours", () => {
    const two = track([5, Z], [10, S], [5, Z], [10, S], [10, Z]);
    expect(segments(two, { speechPadMs: 100 })).toEqual([
      [960, 8960],
      [8960, 16960],
    ]);
  });
});

describe("streaming", () => {
  it("tells each thing as soon as it is certain", () => {
    const segmenter = new Segmenter({ sampleRate: 16000 });
    const told = track([10, Z], [20, S], [10, Z]).flatMap((p, frame) =>
      segmenter.push(p).map((event) => [frame, event.type]),
    );
    expect(told).toEqual([
      [10, "speechstart"],
      [18, "speechconfirmed"],
      [34, "speechend"],
    ]);
  });

  it("says that a segment was too short", () => {
    const types = stream(track([5, Z], [7, S], [10, Z]), 16000, {}, 22 * 512).map(
      ({ type }) => type,
    );
    expect(types).toEqual(["speechstart", "misfire"]);
  });

  it("keeps the clock over frames that are not known, and decides nothing in them", () => {
    const lost = track([10, Z], [20, S], [30, Number.NaN], [10, S], [10, Z]);
    expect(segments(lost)).toEqual([[4640, 70 * 512 + 480]]);
  });

  it("shows what is in progress", () => {
    const segmenter = new Segmenter({ sampleRate: 16000 });
    expect(segmenter.open).toBeUndefined();
    for (const p of track([10, Z], [3, S])) segmenter.push(p);
    expect(segmenter.open).toEqual({ id: 0, start: 4640, end: 13 * 512, confirmed: false });
    for (const p of track([10, S], [1, Z])) segmenter.push(p);
    expect(segmenter.open).toEqual({ id: 0, start: 4640, end: 23 * 512, confirmed: true });
  });

  it("lets a changed option take effect from the next frame", () => {
    const segmenter = new Segmenter({ sampleRate: 16000 });
    for (const p of track([10, M])) expect(segmenter.push(p)).toEqual([]);
    segmenter.setOptions({ threshold: 0.3 });
    expect(segmenter.push(M)).toEqual([{ type: "speechstart", id: 0, start: 4640 }]);
    expect(segmenter.rules.threshold).toBe(0.3);
  });

  it("waits with an end until the sound is known to reach it", () => {
    const options = { speechPadMs: 16, minSilenceMs: 0 };
    const probabilities = track([10, S], [1, Z]);
    const length = 10 * 512 + 100;
    const ended = stream(probabilities, 16000, options, length);
    expect(ends(ended)).toEqual([[0, length]]);
    expect(segments(probabilities, { ...options, length })).toEqual([[0, length]]);
  });

  it("refuses a length the frames cannot have", () => {
    const segmenter = new Segmenter({ sampleRate: 16000 });
    segmenter.push(S);
    expect(() => segmenter.end(513)).toThrow(OptionError);
    expect(() => segmenter.end(0)).toThrow(OptionError);
    expect(segmenter.end(1)).toEqual([{ type: "misfire", id: 0, start: 0 }]);
  });
});

describe("options", () => {
  it.each([
    [{ treshold: 0.5 }, "option-unknown", "treshold"],
    [{ threshold: 1.5 }, "option-invalid", "threshold"],
    [{ threshold: "0.5" }, "option-invalid", "threshold"],
    [{ threshold: Number.NaN }, "option-invalid", "threshold"],
    [{ negThreshold: null }, "option-invalid", "negThreshold"],
    [{ minSpeechMs: -1 }, "option-invalid", "minSpeechMs"],
    [{ minSilenceMs: Number.POSITIVE_INFINITY }, "option-invalid", "minSilenceMs"],
    [{ maxSpeechMs: 0 }, "option-invalid", "maxSpeechMs"],
    [{ useMaxPossibleSilenceAtMaxSpeech: 1 }, "option-invalid", "useMaxPossibleSilenceAtMaxSpeech"],
    [{ sampleRate: 0 }, "option-invalid", "sampleRate"],
    [{ frameSamples: 1.5 }, "option-invalid", "frameSamples"],
    [{ length: -1 }, "option-invalid", "length"],
  ])("refuses %o", (options, code, option) => {
    const call = () => speechSegments([S], { sampleRate: 16000, ...options } as never);
    expect(call).toThrow(OptionError);
    expect(call).toThrow(expect.objectContaining({ code, option }));
  });

  it("leaves the rules as they were when a change is refused", () => {
    const segmenter = new Segmenter({ sampleRate: 16000 });
    expect(() => segmenter.setOptions({ threshold: 0.2, minSpeechMs: -1 })).toThrow(OptionError);
    expect(segmenter.rules.threshold).toBe(0.5);
  });
});

interface Case {
  sampleRate: number;
  options: SegmenterOptions;
  probabilities: number[];
  length: number;
  whole: boolean;
  segments: [number, number][];
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const python = [`${root}.venv/bin/python`, `${root}.venv/Scripts/python.exe`].find(existsSync);
const runs = Number(process.env.SEGMENTER_RUNS ?? 5000);
const seed = Number(process.env.SEGMENTER_SEED ?? 20);

describe("random tracks against the silero-vad package", () => {
  it.skipIf(python === undefined)(
    `gives its segments sample for sample, streaming and offline (${runs} runs)`,
    { timeout: 1_200_000 },
    async () => {
      const oracle = spawn(
        python as string,
        [`${root}tests/web/segmenter/silero_tracks.py`, `${runs}`, `${seed}`],
        {
          stdio: ["ignore", "pipe", "inherit"],
        },
      );
      let compared = 0;
      let found = 0;
      for await (const line of createInterface({ input: oracle.stdout })) {
        const {
          sampleRate,
          options,
          probabilities,
          length,
          whole,
          segments: wanted,
        }: Case = JSON.parse(line);
        const offline = speechSegments(probabilities, { sampleRate, length, ...options });
        expect(pairs(offline), line).toEqual(wanted);
        if (whole) {
          const events = stream(probabilities, sampleRate, options, length);
          expect(ends(events), line).toEqual(wanted);
          checkOrder(events, line);
        }
        compared += 1;
        found += wanted.length;
      }
      expect(compared).toBe(runs);
      expect(found).toBeGreaterThan(runs);
    },
  );
});

function ends(events: readonly SegmentEvent[]): [number, number][] {
  return events.flatMap((event) =>
    event.type === "speechend" ? [[event.start, event.end]] : [],
  ) as [number, number][];
}

/** Every segment opens once, then is a misfire or is confirmed and ends, with one start throughout. */
function checkOrder(events: readonly SegmentEvent[], line: string): void {
  const stories = new Map<number, SegmentEvent[]>();
  for (const event of events) stories.set(event.id, [...(stories.get(event.id) ?? []), event]);
  for (const story of stories.values()) {
    const types = story.map(({ type }) => type).join(" ");
    expect(["speechstart misfire", "speechstart speechconfirmed speechend"], line).toContain(types);
    expect(new Set(story.map(({ start }) => start)).size, line).toBe(1);
  }
}
