import { existsSync, readFileSync } from "node:fs";
import { loadTract, type Runnable, tensor } from "tract-wasm";
import { expect, test } from "vitest";
import { inRoot } from "../../../setup/paths.mjs";
import { moving } from "../archives.js";

// NNEF_PULSE_ENDURANCE=1 for the long run, minutes of it, on the silero-vad bundle.
const long = process.env.NNEF_PULSE_ENDURANCE !== undefined;
const [loads, states, pulses] = long ? [500, 10_000, 1_000_000] : [100, 400, 10_000];
const silero = inRoot("dist", "bundles", "silero-vad", "pulse-T1.nnef.tgz");
const real = long && existsSync(silero);

test("loads, states and pulses leave the memory as it was once warm", {
  timeout: 3_600_000,
}, async () => {
  const tract = await loadTract();
  const bytes = real ? new Uint8Array(readFileSync(silero)) : moving;
  const input = real
    ? { input: tensor(Float32Array.from({ length: 512 }, Math.sin), [1, 512]) }
    : { x: tensor(Float32Array.of(1, 2), [1, 1, 2]) };

  /** The first quarter of the rounds warms up; from then on not one page of memory more. */
  const flat = async (what: string, rounds: number, round: () => void | Promise<void>) => {
    const began = performance.now();
    let warm = 0;
    for (let done = 0; done < rounds; done++) {
      await round();
      if (done === rounds / 4) warm = tract.memoryBytes;
    }
    const seconds = Math.round((performance.now() - began) / 1000);
    const end = tract.memoryBytes;
    console.info(`${rounds} ${what} in ${seconds} s: ${warm} bytes once warm, ${end} at the end`);
    expect(end, what).toBe(warm);
  };
  const prepare = async (): Promise<Runnable> => {
    const model = await tract.load(bytes);
    const pulsed = real ? model : model.pulse("S", 2);
    const runnable = pulsed.prepare();
    model.dispose();
    pulsed.dispose();
    return runnable;
  };
  const once = (runnable: Runnable) => {
    const state = runnable.spawnState();
    state.run(input);
    state.dispose();
  };

  await flat("loads", loads, async () => {
    const runnable = await prepare();
    once(runnable);
    runnable.dispose();
  });
  const runnable = await prepare();
  await flat("states", states, () => once(runnable));
  const state = runnable.spawnState();
  await flat("pulses", pulses, () => void state.run(input));
  tract.dispose();
});
