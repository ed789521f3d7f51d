import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { handler } from "../../../setup/serve/listen.mjs";
import { computed, expect, rows, sampleAsMicrophone, siteTest, test } from "../shared/page.js";

/** What becomes of a stream that runs when something breaks: what is told, and that nothing found is lost. */

test.use({
  permissions: ["microphone"],
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: sampleAsMicrophone });
  },
});

const caption = (page: Page) => page.locator("#caption");
const notice = (page: Page) => page.locator(".notice");

/** Starts, stops and lengths that are certain. */
const certain = async (page: Page) => (await rows(page)).filter(([, length]) => length !== "…");

/** Listens until a segment is found. */
async function listens(page: Page, site: string) {
  await page.goto(site);
  await computed(page);
  await page.getByRole("button", { name: "Listen" }).click();
  await expect(caption(page)).toHaveText(/^Listening/);
  await expect(page.locator("#segments tr button", { hasText: "Save" }).first()).toBeVisible();
}

async function goesOn(page: Page) {
  const pulses = Number(await page.locator("#figure-pulses").textContent());
  await expect
    .poll(async () => Number(await page.locator("#figure-pulses").textContent()))
    .toBeGreaterThan(pulses + 30);
}

test("the page blocked for two seconds at a time: no pulse is lost", async ({ page, site }) => {
  await listens(page, site);
  for (let n = 0; n < 3; n++) {
    await page.evaluate(() => {
      const until = performance.now() + 2000;
      while (performance.now() < until);
    });
  }
  await goesOn(page);
  await expect(page.locator("#figure-dropped")).toHaveText("0");
  await expect(notice(page)).toBeHidden();
});

test("the engine's worker killed without a word: it is told, and can be started again", async ({
  page,
  site,
}) => {
  await listens(page, site);
  const found = await certain(page);
  const engine = page.workers().find((worker) => worker.url().includes("engine.worker"));
  if (!engine) throw new Error("there is no engine");
  await engine.evaluate(() => self.close());
  await expect(notice(page)).toHaveAttribute("data-code", "engine-died");
  expect((await certain(page)).slice(-found.length)).toEqual(found);
  await expect(page.getByRole("button", { name: "Listen", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Start it again" }).click();
  await expect(caption(page)).toHaveText(/^Listening/);
  await expect(notice(page)).toBeHidden();
  await goesOn(page);
  expect((await certain(page)).slice(-found.length)).toEqual(found);
});

test("an engine that throws in the middle of speech: what was said so far is a segment", async ({
  page,
  site,
}) => {
  await page.goto(site);
  await computed(page);
  await page.getByRole("button", { name: "Listen" }).click();
  await expect(caption(page)).toHaveText(/^Listening/);
  // A row is there once speech is confirmed; its buttons come when it has ended.
  await expect(page.locator("#segments tr")).not.toHaveCount(0);
  const [worker] = page.workers().filter((worker) => worker.url().includes("engine.worker"));
  await worker?.evaluate(() => {
    setTimeout(() => {
      throw new Error("out of its mind");
    });
  });
  await expect(notice(page)).toHaveAttribute("data-code", "engine-died");
  for (const row of await page.locator("#segments tr").all())
    await expect(row.getByRole("button", { name: /^Play/ })).toBeVisible();
});

test("a context the browser suspends: it is told, and one press goes on", async ({
  page,
  site,
}) => {
  await page.addInitScript(() => {
    const contexts: AudioContext[] = [];
    const Real = AudioContext;
    globalThis.AudioContext = class extends Real {
      constructor(options?: AudioContextOptions) {
        super(options);
        contexts.push(this);
      }
      override resume() {
        return Reflect.get(globalThis, "held") ? new Promise<void>(() => {}) : super.resume();
      }
    };
    Object.assign(globalThis, { contexts });
  });
  await listens(page, site);
  const found = await certain(page);
  await page.evaluate(async () => {
    Object.assign(globalThis, { held: true });
    await (Reflect.get(globalThis, "contexts") as AudioContext[]).at(-1)?.suspend();
  });
  await expect(notice(page)).toHaveAttribute("data-code", "context-suspended");
  await expect(notice(page)).toHaveAttribute("data-code", "context-suspended");
  await page.evaluate(() => Object.assign(globalThis, { held: false }));
  await notice(page).getByRole("button", { name: "Resume" }).click();
  await expect(notice(page)).toBeHidden();
  await goesOn(page);
  expect((await certain(page)).slice(-found.length)).toEqual(found);
});

test("the network gone while it listens: nothing changes, and files open still", async ({
  page,
  site,
  context,
}) => {
  await listens(page, site);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await context.setOffline(true);
  await goesOn(page);
  await expect(notice(page)).toBeHidden();
  await page.getByRole("button", { name: "Play the sample" }).click();
  await expect(page.getByRole("button", { name: "Stop the sample" })).toBeVisible();
  await expect(notice(page)).toBeHidden();
});

/** The site, from a host that can be made to misbehave. */
async function host(answer: RequestListener): Promise<{ url: string; close(): void }> {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, "localhost", listening));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

siteTest(
  "the network failing midway through the engine: told, and had by trying again",
  async ({ page }) => {
    let failing = true;
    const { url, close } = await host((request, response) => {
      if (failing && request.url?.endsWith(".wasm")) {
        response.writeHead(200, {
          "content-type": "application/wasm",
          "content-length": 7_000_000,
        });
        response.write(Buffer.from("0061736d01000000", "hex"), () => response.destroy());
        return;
      }
      handler(request, response);
    });
    await page.goto(url);
    await expect(notice(page)).toHaveAttribute("data-code", "engine-unreachable");
    await expect(page.locator("#segments tr")).not.toHaveCount(0);
    failing = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await computed(page);
    await expect(notice(page)).toBeHidden();
    close();
  },
);
