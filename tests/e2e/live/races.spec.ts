import type { Page } from "@playwright/test";
import type { NnefRun } from "../../../web/src/inspector/run/nnef-run.js";
import { drawn, factsThere, says, verb } from "../inspector/page.js";
import { expect, sampleAsMicrophone, test } from "../shared/page.js";
import { alive, openWalkthrough } from "../walkthroughs/walkthrough.js";

test.use({
  permissions: ["microphone"],
  launchOptions: async ({ launchOptions }, use) => {
    const args = [...sampleAsMicrophone, "--autoplay-policy=no-user-gesture-required"];
    await use({ ...launchOptions, args });
  },
});

/** What the page has opened, from its first script on. */
interface Opened {
  readonly tracks: MediaStreamTrack[];
  readonly contexts: AudioContext[];
}
declare global {
  var opened: Opened;
}

const watchOpened = (page: Page) =>
  page.addInitScript(() => {
    const opened: Opened = { tracks: [], contexts: [] };
    globalThis.opened = opened;
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      opened.tracks.push(...stream.getTracks());
      return stream;
    };
    globalThis.AudioContext = class extends AudioContext {
      constructor(options?: AudioContextOptions) {
        super(options);
        opened.contexts.push(this);
      }
    };
  });

const live = (page: Page) =>
  page.evaluate(() => ({
    tracks: opened.tracks.filter(({ readyState }) => readyState === "live").length,
    contexts: opened.contexts.filter(({ state }) => state !== "closed").length,
  }));

test("Play and then Listen while the engine loads: one session, which pausing ends", async ({
  page,
  site,
}) => {
  await watchOpened(page);
  let deliver = () => {};
  const delivered = new Promise<void>((go) => {
    deliver = go;
  });
  await page.route("**/*.wasm", async (route) => {
    await delivered;
    await route.continue();
  });
  await page.goto(site);
  await page.getByRole("button", { name: "Play the sample" }).click();
  await page.getByRole("button", { name: "Listen" }).click();
  deliver();
  await expect(page.locator("#caption")).toHaveText(/^Listening/);
  await expect.poll(() => live(page)).toEqual({ tracks: 1, contexts: 1 });
  await page.getByRole("button", { name: "Pause" }).click();
  await expect.poll(() => live(page)).toEqual({ tracks: 0, contexts: 0 });
});

test("Listen pressed twice in the walkthrough: Stop turns every microphone off", async ({
  page,
  site,
}) => {
  await watchOpened(page);
  await openWalkthrough(page, site, "vad");
  const section = await alive(page, "live");
  const listen = section.getByRole("button", { name: "Listen" });
  await listen.evaluate((button: HTMLButtonElement) => {
    button.click();
    button.click();
  });
  await expect(section.locator(".events tbody tr").first()).toContainText("speech");
  expect((await live(page)).tracks).toBe(1);
  await section.getByRole("button", { name: "Stop" }).click();
  await expect.poll(() => live(page)).toEqual({ tracks: 0, contexts: 0 });
});

test("a run that cannot be prepared turns its microphone off", async ({ page, site }) => {
  await watchOpened(page);
  await page.goto(`${site}inspect/`);
  await drawn(page, /^Silero VAD/);
  await factsThere(page);
  await verb(page, "Run").click();
  await expect(says(page)).toContainText("Pulse 0 of 28");
  await page.locator("nnef-run").evaluate((run) => {
    const subject = (run as NnefRun).workspace?.subject;
    if (!subject) throw new Error("nothing is open");
    const { read } = subject;
    const failing = async (file: string) => (/^pulse-/.test(file) ? undefined : read(file));
    Object.assign(subject, { read: failing });
  });
  const inputs = page.getByRole("group", { name: "Input" });
  await inputs.getByRole("button", { name: "Microphone" }).click();
  await expect(says(page).locator(".fault")).toBeVisible();
  expect(await page.evaluate(() => opened.tracks.length)).toBe(1);
  await expect.poll(() => live(page)).toEqual({ tracks: 0, contexts: 0 });
});
