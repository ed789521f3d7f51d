import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Stepper } from "../../../web/src/inspector/run/stepper.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

/** A model of `pulses` pulses, each of which takes 10 ms; notes which pulse each step fed. */
function model(pulses: number) {
  const fed: number[] = [];
  let at = 0;
  let running = 0;
  const step = async () => {
    const pulse = at;
    if (pulse === pulses) return false;
    running += 1;
    expect(running).toBe(1);
    await new Promise((done) => setTimeout(done, 10));
    fed.push(pulse);
    at += 1;
    running -= 1;
    return true;
  };
  return { fed, step };
}

it("feeds each pulse once, however fast a person presses Step", async () => {
  const { fed, step } = model(10);
  const stepper = new Stepper(step, () => undefined);
  const steps = [stepper.step(), stepper.step(), stepper.step()];
  await vi.advanceTimersByTimeAsync(100);
  await Promise.all(steps);
  expect(fed).toEqual([0, 1, 2]);
});

it("runs one loop after Play, Pause, Play within a second", async () => {
  const { fed, step } = model(100);
  const stepper = new Stepper(step, () => undefined);
  void stepper.play(() => 4);
  await vi.advanceTimersByTimeAsync(50);
  stepper.pause();
  void stepper.play(() => 4);
  await vi.advanceTimersByTimeAsync(1990);
  // One of the first loop, and one at once and then four a second of the second.
  expect(fed.length).toBe(1 + 8);
  stepper.pause();
  await vi.advanceTimersByTimeAsync(2000);
  expect(fed.length).toBe(9);
});

it("stops at the end, and says so", async () => {
  const { fed, step } = model(3);
  const states: boolean[] = [];
  const stepper: Stepper = new Stepper(step, () => states.push(stepper.isPlaying));
  const playing = stepper.play(() => 60);
  await vi.advanceTimersByTimeAsync(500);
  await playing;
  expect([fed, states]).toEqual([
    [0, 1, 2],
    [true, false],
  ]);
});
