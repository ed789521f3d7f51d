import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { siteDir } from "../../../setup/paths.mjs";
import { handler } from "../../../setup/serve/listen.mjs";
import { computed, expect, rows, sample, sampleAsMicrophone, siteTest } from "../shared/page.js";
import { alive, openWalkthrough } from "../walkthroughs/walkthrough.js";

/** What a visitor notices of a new version that is put on the host while the old one is in use. */

const test = siteTest;

test.use({
  permissions: ["microphone"],
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: sampleAsMicrophone });
  },
});

/**
 * A host whose site can be exchanged for the next version: no built file of the old one is there any
 * more, all are found under new names. A version put up by half lacks its engine.
 */
async function startHost() {
  let version: "old" | "next" | "half" = "old";
  const next = async (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? "/").replace(/[?#].*/, "").replace(/\/$/, "/index.html");
    const built = path.includes("/assets/");
    const missing = built && (!path.includes("/assets/next/") || version === "half");
    if (missing && (version === "next" || path.endsWith(".wasm"))) {
      response.writeHead(404).end();
    } else if (/(\.html|\/sw\.js)$/.test(path)) {
      const text = await readFile(join(siteDir, path), "utf8");
      response
        .setHeader("cache-control", "no-cache")
        .setHeader("content-type", path.endsWith(".js") ? "text/javascript" : "text/html")
        .end(text.replaceAll("assets/", "assets/next/").replace(/^const version = "/m, "$&next-"));
    } else {
      request.url = path.replace("/assets/next/", "/assets/");
      handler(request, response);
    }
  };
  const server = createServer((request, response) => {
    if (version === "old") handler(request, response);
    else void next(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, "localhost", listening));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    deploy(one: typeof version) {
      version = one;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const isNext = (page: Page) => page.locator('script[src*="assets/next/"]').count();
const shells = (page: Page) =>
  page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith("shell-")));
const waiting = (page: Page) =>
  page.evaluate(async () => Boolean((await navigator.serviceWorker.getRegistration())?.waiting));

async function kept(page: Page, url: string) {
  await page.goto(url);
  await computed(page);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

async function goesOn(page: Page) {
  const pulses = Number(await page.locator("#figure-pulses").textContent());
  await expect
    .poll(async () => Number(await page.locator("#figure-pulses").textContent()))
    .toBeGreaterThan(pulses + 30);
}

test("a new version while the page listens: the old one runs on whole, the next visit has the new one", async ({
  page,
  context,
}) => {
  const host = await startHost();
  await kept(page, host.url);
  await page.evaluate(() => {
    navigator.serviceWorker.addEventListener("controllerchange", () => {
      document.title = "taken over";
    });
  });
  await page.getByRole("button", { name: "Listen" }).click();
  // Until then the rows are the sample's.
  await expect(page.locator("#caption")).toHaveText(/^Listening/);
  await expect(page.locator("#segments tr button", { hasText: "Save" }).first()).toBeVisible();
  const found = (await rows(page)).filter(([, length]) => length !== "…");
  expect(found).not.toEqual([]);

  host.deploy("next");
  // Another tab is what makes a browser look for a new version by itself.
  const other = await context.newPage();
  await other.goto(host.url);
  await computed(other);
  expect(await isNext(other)).toBe(1);
  await expect.poll(() => waiting(page)).toBe(true);
  expect(await shells(page)).toHaveLength(2);

  await goesOn(page);
  await expect(page.locator("#figure-dropped")).toHaveText("0");
  await expect(page.locator(".notice")).toBeHidden();
  await expect(page).not.toHaveTitle("taken over");
  expect((await rows(page)).slice(-found.length)).toEqual(found);
  // What it loads only now is no longer on the host.
  const engine = page.workers().find((worker) => worker.url().includes("engine.worker"));
  await engine?.evaluate(() => self.close());
  await page.getByRole("button", { name: "Start it again" }).click();
  await expect(page.locator("#caption")).toHaveText(/^Listening/);
  await goesOn(page);
  expect((await rows(page)).slice(-found.length)).toEqual(found);

  await other.close();
  await page.reload();
  await computed(page);
  expect(await isNext(page)).toBe(1);
  await expect(page.locator("#segments tr")).toHaveCount(sample.segments.length);
  // Once no page of the old one is open, the new one takes over and tidies up.
  await page.goto("about:blank");
  await page.goto(host.url);
  await expect.poll(() => shells(page)).toEqual([expect.stringMatching(/^shell-next-/)]);
  await context.setOffline(true);
  await page.reload();
  await computed(page);
  expect(await isNext(page)).toBe(1);
  host.close();
});

test("a new version that is put up by half: the old one stays, with the network cut too", async ({
  page,
  context,
}) => {
  const host = await startHost();
  await kept(page, host.url);
  host.deploy("half");
  const refused = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    await registration?.update();
    const coming = registration?.installing;
    return new Promise((ended) => {
      if (!coming) ended("none came");
      coming?.addEventListener("statechange", () => ended(coming.state));
    });
  });
  expect(refused).toBe("redundant");
  expect(await waiting(page)).toBe(false);
  await context.setOffline(true);
  await page.reload();
  await computed(page);
  expect(await isNext(page)).toBe(0);
  host.close();
});

test("walkthroughs used before a new version, and while it waits, work with the network cut without another visit", async ({
  page,
  context,
}) => {
  const host = await startHost();
  const first = async (id: string, section: string) => {
    await openWalkthrough(page, host.url, id);
    await alive(page, section);
    await page.waitForLoadState("networkidle");
  };
  await kept(page, host.url);
  await first("dynamic-batch", "draw");
  expect(await isNext(page)).toBe(0);
  host.deploy("next");
  await first("streaming", "sizes");
  await expect.poll(() => waiting(page)).toBe(true);
  await first("kv-cache", "inputs");
  expect(await isNext(page)).toBe(1);

  // The browser's own cache would hide what was not kept.
  await (await context.newCDPSession(page)).send("Network.clearBrowserCache");
  await context.setOffline(true);
  // Once nobody uses the old version any more, the new one takes over and tidies up.
  await expect(async () => {
    await page.goto("about:blank");
    await page.goto(host.url);
    expect(await shells(page)).toEqual([expect.stringMatching(/^shell-next-/)]);
  }).toPass();
  for (const [id, section] of [
    ["kv-cache", "inputs"],
    ["streaming", "sizes"],
    ["dynamic-batch", "draw"],
  ] as const) {
    await openWalkthrough(page, host.url, id);
    await alive(page, section);
    expect(await isNext(page), id).toBe(1);
  }
  host.close();
});
