import { expect, it } from "vitest";
import { Resampler } from "../../../web/src/resampler.js";

it("gives exactly as many samples as the time that passed, for ten minutes", () => {
  for (const rate of [44100, 48000]) {
    const resampler = new Resampler(rate, 16000);
    const block = new Float32Array(rate);
    let given = 0;
    for (let second = 1; second <= 600; second++) {
      given += resampler.push(block).length;
      const behind = second * 16000 - given;
      expect(behind).toBeGreaterThanOrEqual(0);
      expect(behind).toBeLessThanOrEqual(Math.ceil(resampler.latencySeconds * 16000) + 1);
    }
    expect(resampler.due).toBe(600 * 16000);
    expect(given + resampler.flush().length).toBe(600 * 16000);
  }
});
