import { expect, type Page, test } from "@playwright/test";
import { type CorePage, openCorePage } from "./page.js";

let core: CorePage;
let page: Page;

test.beforeEach(async () => {
  core = await openCorePage();
  page = core.page;
});

test.afterEach(async () => {
  await core.close();
  expect(core.complaints).toEqual([]);
});

test("files: decoded by the browser, not decodable, empty, stopped, paused", async () => {
  const heard = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const { writeWav } = await import("./lib/wav.js" as string);
    const vad = await Vad.open();
    const watch = async (file: Blob) => {
      const told: string[] = [];
      for await (const event of vad.file(file).events()) {
        if (event.type === "error") told.push(event.error.code);
        if (event.type === "end") told.push(event.reason, String(event.length));
      }
      return told;
    };
    const law = new Uint8Array(44 + 8000).fill(0xd5, 44);
    law.set(new Uint8Array(writeWav(new Float32Array(4000), 8000).buffer, 0, 44));
    const view = new DataView(law.buffer);
    view.setUint16(20, 6, true);
    view.setUint32(28, 8000, true);
    view.setUint16(32, 1, true);
    view.setUint16(34, 8, true);
    const minute = new Blob([writeWav(new Float32Array(16_000 * 60), 16_000)]);
    const stopped = vad.file(minute);
    const ends: string[] = [];
    stopped.addEventListener("end", ({ reason }: { reason: string }) => ends.push(reason));
    stopped.addEventListener("progress", () => void stopped.stop(), { once: true });
    await new Promise((done) => stopped.addEventListener("end", done));
    const paused = vad.file(minute);
    await new Promise((done) => paused.addEventListener("progress", done, { once: true }));
    await paused.pause();
    await new Promise((later) => setTimeout(later, 300));
    const at: number = paused.length;
    await new Promise((later) => setTimeout(later, 300));
    const still = paused.length === at && at < 16_000 * 60;
    await paused.resume();
    await new Promise((done) => paused.addEventListener("end", done));
    return {
      law: await watch(new Blob([law])),
      junk: await watch(new Blob(["this is no sound"])),
      empty: await watch(new Blob([writeWav(new Float32Array(0), 16_000)])),
      stopped: ends,
      shorter: stopped.length < 16_000 * 60,
      still,
      length: paused.length as number,
    };
  });
  expect(heard).toEqual({
    law: ["ended", "16000"],
    junk: ["file-undecodable", "failed", "0"],
    empty: ["file-empty", "failed", "0"],
    stopped: ["stopped"],
    shorter: true,
    still: true,
    length: 16_000 * 60,
  });
});
