import { expect, type Page, test } from "@playwright/test";
import { sampleFile } from "../shared/page.js";
import { keepTracks, openCorePage } from "./page.js";

interface Held {
  waiting: (() => void)[];
  answer(): void;
  /** Resolves when so many questions wait. */
  asked(times: number): Promise<void>;
}

/** Answers each question for the microphone only when `answer()` is called in the page. */
const holdPermission = (page: Page) =>
  page.evaluate(() => {
    const held = globalThis as unknown as Held;
    held.waiting = [];
    held.asked = async (times) => {
      while (held.waiting.length < times) await new Promise((later) => setTimeout(later, 20));
    };
    held.answer = () => held.waiting.splice(0).forEach((go) => void go());
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      await new Promise<void>((go) => held.waiting.push(go));
      return ask(wanted);
    };
  });

const answer = (page: Page) => page.evaluate(() => (globalThis as unknown as Held).answer());
const states = (page: Page) =>
  page.evaluate(() => openedTracks.map(({ readyState }) => readyState));

test("a microphone that is allowed after close, abort or removal is turned off", async () => {
  const { page, complaints, close } = await openCorePage();
  await keepTracks(page);
  await holdPermission(page);
  const codes = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    await import("./lib/elements.js" as string);
    const code = (promise: Promise<unknown>) =>
      promise.then(
        () => "done",
        (error: Error & { code?: string }) => error.code ?? error.message,
      );
    const { asked } = globalThis as unknown as Held;
    const vad = await Vad.open();
    const closed = code(vad.listen());
    await asked(1);
    await vad.close();
    const controller = new AbortController();
    const given = code(Vad.listen({ signal: controller.signal }));
    await asked(2);
    controller.abort(new Error("given up"));
    const element = document.createElement("nnef-vad") as HTMLElement & { listen(): Promise<void> };
    document.body.append(element);
    const removed = code(element.listen());
    await asked(3);
    element.remove();
    return Promise.all([closed, given, removed]);
  });
  expect(codes).toEqual(["closed", "given up", "done"]);
  expect(await states(page)).toEqual([]);
  await answer(page);
  await expect.poll(() => states(page)).toEqual(["ended", "ended", "ended"]);
  await expect.poll(() => page.workers().length).toBe(0);
  await close();
  expect(complaints).toEqual([]);
});

test("an element told to listen twice keeps one microphone, and stop() during the wait none", async () => {
  const { page, complaints, close } = await openCorePage();
  await keepTracks(page);
  await page.evaluate(async () => {
    await import("./lib/elements.js" as string);
    const element = document.createElement("nnef-vad") as HTMLElement & {
      listen(): Promise<void>;
      stop(): Promise<void>;
    };
    document.body.append(element);
    await Promise.all([element.listen(), element.listen()]);
  });
  await expect
    .poll(async () => (await states(page)).filter((state) => state === "live").length)
    .toBe(1);
  await holdPermission(page);
  await page.evaluate(async () => {
    const element = document.querySelector("nnef-vad") as HTMLElement & {
      listen(): Promise<void>;
      stop(): Promise<void>;
    };
    await element.stop();
    const listening = element.listen();
    await (globalThis as unknown as Held).asked(1);
    await element.stop();
    await listening;
  });
  await answer(page);
  await page.waitForTimeout(500);
  expect((await states(page)).filter((state) => state === "live")).toEqual([]);
  await close();
  expect(complaints).toEqual([]);
});

test("a slow file does not take the place of a newer src", async () => {
  const { page, complaints, close } = await openCorePage();
  let deliver = () => {};
  await page.route("**/slow.wav", async (route) => {
    await new Promise<void>((go) => {
      deliver = go;
    });
    await route.fulfill({ path: sampleFile });
  });
  await page.route("**/fast.wav", (route) => route.fulfill({ path: sampleFile }));
  await page.evaluate(async () => {
    await import("./lib/elements.js" as string);
    document.body.innerHTML = '<nnef-vad src="slow.wav"></nnef-vad>';
    const held = globalThis as unknown as { ends: number };
    held.ends = 0;
    document.querySelector("nnef-vad")?.addEventListener("speechend", () => held.ends++);
  });
  await page.evaluate(() => document.querySelector("nnef-vad")?.setAttribute("src", "fast.wav"));
  const ends = () => page.evaluate(() => (globalThis as unknown as { ends: number }).ends);
  await expect.poll(ends).toBeGreaterThan(1);
  await expect(page.locator("nnef-vad .status")).toHaveText(/found/);
  const before = await ends();
  deliver();
  await page.waitForTimeout(1500);
  expect(await ends()).toBe(before);
  await close();
  expect(complaints).toEqual([]);
});
