import { describe, expect, it } from "vitest";
import type { BlockResult, Piece } from "../../../web/src/engine/protocol.js";
import { defaultRules } from "../../../web/src/segmenter/options.js";
import { speechSegments } from "../../../web/src/segmenter.js";
import { AudioHistory } from "../../../web/src/session/audio-history.js";
import { Timeline, type TimelineConfig } from "../../../web/src/session/timeline.js";

type Told = { type: string; detail: Record<string, unknown> };

function timeline(over: Partial<TimelineConfig> = {}) {
  const told: Told[] = [];
  const config = {
    sampleRate: 16000,
    frameSamples: 512,
    rules: defaultRules,
    record: false,
    preRollMs: 0,
    endPadMs: 0,
  };
  const line = new Timeline({ ...config, ...over }, (type, detail) => {
    told.push({ type, detail: detail as unknown as Record<string, unknown> });
  });
  let clock = 0;
  const hear = (probabilities: number[], pieces?: Piece[]) => {
    const samples = Float32Array.from({ length: probabilities.length * 512 }, () => clock++);
    const message: BlockResult = {
      type: "processed",
      stream: 0,
      pieces: pieces ?? [{ samples }],
      probabilities: Float32Array.from(probabilities),
      pulseMs: new Float32Array(probabilities.length),
      waiting: 0,
      replaced: 0,
      engineBytes: 0,
      capturedAt: 0,
    };
    line.add(message);
  };
  return {
    line,
    told,
    hear,
    of: (type: string) => told.filter((one) => one.type === type).map(({ detail }) => detail),
  };
}

const run = (count: number, p: number) => Array<number>(count).fill(p);
const speech = [...run(10, 0), ...run(20, 1), ...run(10, 0)];

describe("Timeline", () => {
  it("tells a segment with its times, in samples and seconds, and its very sound", () => {
    const { hear, of } = timeline();
    for (const p of speech) hear([p]);
    expect(of("speechstart")).toEqual([
      { id: 0, start: 4640, startSeconds: 0.29, provisional: true },
    ]);
    expect(of("speechconfirmed")).toEqual([{ id: 0, start: 4640, startSeconds: 0.29 }]);
    const [end] = of("speechend") as [
      { start: number; audio: { samples: Float32Array; start: number; end: number } },
    ];
    expect(end).toMatchObject({
      id: 0,
      start: 4640,
      end: 15840,
      startSeconds: 0.29,
      endSeconds: 0.99,
    });
    expect(end.audio).toMatchObject({ start: 4640, end: 15840 });
    expect(end.audio.samples[0]).toBe(4640);
    expect(end.audio.samples.at(-1)).toBe(15839);
  });

  it("adds sound before and after a segment, waiting for it", () => {
    const { hear, of, line } = timeline({ preRollMs: 100, endPadMs: 800 });
    for (const p of speech) hear([p]);
    expect(of("speechend")).toEqual([]);
    hear(run(20, 0));
    const [end] = of("speechend") as [
      { start: number; end: number; audio: { start: number; end: number } },
    ];
    expect(end).toMatchObject({ start: 4640, end: 15840 });
    expect(end.audio).toMatchObject({ start: 3040, end: 28640 });
    line.endPart();
    expect(of("speechend")).toHaveLength(1);
  });

  it("ends what is open with a part, and starts the next one afresh on the same clock", () => {
    const { hear, of, line } = timeline();
    hear([...run(10, 0), ...run(20, 1)]);
    line.endPart();
    expect(of("speechend")).toMatchObject([{ id: 0, start: 4640, end: 30 * 512 }]);
    hear(speech);
    line.endPart();
    const offset = 30 * 512;
    expect(of("speechend")[1]).toMatchObject({ id: 1, start: offset + 4640, end: offset + 15840 });
    expect(line.length).toBe(70 * 512);
  });

  it("keeps times right over lost sound, and tells it", () => {
    const { hear, of } = timeline();
    hear(run(2, 0));
    hear(run(8, Number.NaN), [{ lost: 8 * 512, pulses: 8 }]);
    hear([...run(20, 1), ...run(10, 0)]);
    expect(of("drop")).toEqual([{ time: 1024, seconds: 0.064, pulses: 8, length: 4096 }]);
    expect(of("speechend")).toMatchObject([{ start: 4640, end: 15840 }]);
    expect(of("probability").map(({ time }) => time)).toEqual([
      0,
      512,
      ...run(30, 0).map((_, n) => (n + 10) * 512),
    ]);
  });

  it("has the sound of the segment in progress", () => {
    const { hear, line } = timeline();
    hear([...run(200, 0), ...run(5, 1)]);
    const { current } = line;
    expect(current).toMatchObject({
      id: 0,
      start: 200 * 512 - 480,
      end: 205 * 512,
      confirmed: false,
    });
    expect(line.audio(current?.start ?? 0, line.length).samples[0]).toBe(200 * 512 - 480);
  });

  it("keeps all sound only when it records", () => {
    for (const record of [true, false]) {
      const { hear, line } = timeline({ record });
      for (let n = 0; n < 1000; n++) hear([0]);
      expect(line.audio(0, line.length).samples.length === line.length).toBe(record);
    }
  });

  it("gives the segments of speechSegments, when rules change too", () => {
    const { hear, of, line } = timeline();
    hear(run(10, 0.4));
    line.setOptions({ threshold: 0.3, speechPadMs: 0 });
    hear([...run(20, 0.4), ...run(10, 0)]);
    line.endPart();
    const track = [...run(10, 0), ...run(20, 0.4), ...run(10, 0)];
    const wanted = speechSegments(track, { sampleRate: 16000, threshold: 0.3, speechPadMs: 0 });
    expect(of("speechend").map(({ start, end }) => ({ start, end }))).toEqual(wanted);
  });
});

describe("AudioHistory", () => {
  it("gives any stretch that is still there, as a copy", () => {
    const history = new AudioHistory();
    for (let n = 0; n < 10; n++)
      history.push(Float32Array.from({ length: 7 }, (_, i) => 7 * n + i));
    expect([...history.slice(5, 9).samples]).toEqual([5, 6, 7, 8]);
    history.forget(20);
    expect(history.slice(0, 30)).toMatchObject({ start: 14 });
    expect(history.slice(0, 30).samples[0]).toBe(14);
    expect(history.slice(60, 1000).samples.length).toBe(10);
    expect(history.slice(100, 200).samples.length).toBe(0);
  });

  it("reads lost sound as zeros", () => {
    const history = new AudioHistory();
    history.push(Float32Array.of(1, 1));
    history.skip(3);
    history.push(Float32Array.of(2));
    expect([...history.slice(0, 6).samples]).toEqual([1, 1, 0, 0, 0, 2]);
    history.forget(3);
    expect(history.slice(0, 6)).toMatchObject({ start: 5 });
  });
});
