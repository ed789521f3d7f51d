import { expect, test } from "@playwright/test";
import { openCorePage } from "./page.js";

const counted = [
  "AudioWorkletProcessors",
  "AudioHandlers",
  "WorkerGlobalScopes",
  "JSHeapUsedSize",
] as const;

test("two hundred times start and stop leave nothing behind", async () => {
  test.setTimeout(300_000);
  const { page, complaints, close } = await openCorePage();
  const client = await page.context().newCDPSession(page);
  await client.send("Performance.enable");
  const count = async () => {
    // Contexts are closed a moment after their session; some things take two collections to go.
    for (let n = 0; n < 3; n++) {
      await page.waitForTimeout(500);
      await client.send("HeapProfiler.collectGarbage");
    }
    const { metrics } = await client.send("Performance.getMetrics");
    const found = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    return Object.fromEntries(counted.map((name) => [name, found[name] ?? Number.NaN]));
  };
  const cycles = (times: number) =>
    page.evaluate(async (count) => {
      const { Vad } = await import("./lib/vad.js" as string);
      const held = globalThis as { vad?: { listen(): Promise<never> } };
      held.vad ??= await Vad.open();
      let engineBytes = 0;
      for (let n = 0; n < count; n++) {
        const session = (await held.vad?.listen()) as unknown as EventTarget & {
          stop(): Promise<void>;
          figures: { engineBytes: number };
        };
        await new Promise((heard) =>
          session.addEventListener("probability", heard, { once: true }),
        );
        await session.stop();
        engineBytes = session.figures.engineBytes;
      }
      return engineBytes;
    }, times);

  const bytesAtFirst = await cycles(10);
  const first = await count();
  const bytesAtLast = await cycles(190);
  const last = await count();
  test.info().annotations.push({
    type: "left",
    description: JSON.stringify({ first, last, bytesAtFirst, bytesAtLast }),
  });
  expect(bytesAtFirst).toBeGreaterThan(0);
  expect(bytesAtLast).toBe(bytesAtFirst);
  for (const name of ["AudioWorkletProcessors", "AudioHandlers", "WorkerGlobalScopes"] as const) {
    expect(last[name], name).toBeLessThanOrEqual(first[name] as number);
  }
  expect((last.JSHeapUsedSize as number) - (first.JSHeapUsedSize as number)).toBeLessThan(300_000);
  expect(complaints).toEqual([]);
  await close();
});
