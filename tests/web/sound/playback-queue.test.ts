import { expect, it } from "vitest";
import { PlaybackQueue } from "../../../web/src/sound/playback-queue.js";

const LEAD = 100;
const ramp = (from: number, count: number) =>
  Float32Array.from({ length: count }, (_, n) => from + n);

function play(queue: PlaybackQueue, count: number): number[] {
  const block = new Float32Array(count);
  queue.play(block);
  return [...block];
}

it("plays every sample in order, once it has gathered enough", () => {
  const queue = new PlaybackQueue(LEAD);
  queue.push(ramp(1, 60));
  expect(play(queue, 30)).toEqual(new Array(30).fill(0));
  queue.push(ramp(61, 60));
  const heard = [...play(queue, 50), ...play(queue, 50)];
  queue.push(ramp(121, 60));
  heard.push(...play(queue, 50));
  expect(heard).toEqual([...ramp(1, 150)]);
});

it("plays what is left, then silence until it has gathered enough again", () => {
  const queue = new PlaybackQueue(LEAD);
  queue.push(ramp(1, 100));
  play(queue, 90);
  expect(play(queue, 20)).toEqual([...ramp(91, 10), ...new Array(10).fill(0)]);
  queue.push(ramp(101, 99));
  expect(play(queue, 20)).toEqual(new Array(20).fill(0));
  queue.push(ramp(200, 1));
  expect(play(queue, 20)).toEqual([...ramp(101, 20)]);
});

it("leaves out the oldest after a standstill, so that latency does not grow", () => {
  const queue = new PlaybackQueue(LEAD);
  for (let n = 0; n < 1000; n += 50) queue.push(ramp(1 + n, 50));
  const [first] = play(queue, 1);
  expect(1000 - Number(first)).toBeLessThanOrEqual(4 * LEAD + 50);
  expect(1000 - Number(first)).toBeGreaterThanOrEqual(LEAD - 1);
});
