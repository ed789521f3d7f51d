import { type Browser, type ElementHandle, type Frame, launch, type Page } from "puppeteer-core";
import { chromiumArguments, findChromium } from "../../../setup/browser.mjs";
import { findFirefox } from "../../../setup/other-browsers.mjs";
import { find } from "./find.js";
import { privateBytes } from "./memory.js";
import { startSoundServer } from "./sound-server.js";
import type { Driven, OwnTab, Tab } from "./tab.js";

class PageTab implements Tab {
  readonly #page: Page | Frame;

  constructor(page: Page | Frame) {
    this.#page = page;
  }

  async open(url: string) {
    await this.#page.goto(url);
  }

  evaluate<Result, Given>(does: (given: Given) => Result | Promise<Result>, given?: Given) {
    return this.#page.evaluate(does as (given: unknown) => Result, given) as Promise<Result>;
  }

  async click(selector: string, text?: string) {
    await (await this.#element(selector, text)).click();
  }

  async choose(selector: string, file: string) {
    const input = await this.#element(selector);
    await (await input.toElement("input")).uploadFile(file);
  }

  async within<Result>(frame: string, does: (inside: Tab) => Promise<Result>): Promise<Result> {
    const inside = await (await this.#element(frame)).contentFrame();
    if (!inside) throw new Error(`${frame} is no frame`);
    return does(new PageTab(inside));
  }

  async #element(selector: string, text?: string) {
    const found = await this.#page.waitForFunction(find, {}, selector, text ?? null);
    return found.asElement() as ElementHandle<Element>;
  }
}

async function newTab(browser: Browser): Promise<OwnTab> {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => {
    // Firefox calls what the policy stops an error too; the host hears of that from every browser.
    if (!/Content-Security-Policy/.test(String(error))) errors.push(String(error));
  });
  return {
    tab: new PageTab(page),
    errors,
    async hiddenWhile(does) {
      const other = await context.newPage();
      await other.bringToFront();
      await does();
      await page.bringToFront();
      await other.close();
    },
    close: () => context.close(),
  };
}

/** Puppeteer puts the browser's name before it. */
const version = async (browser: Browser) => (await browser.version()).replace(/^.*\//, "");

const viewport = { width: 1280, height: 900 };
/** How long a script in a page may take: endurance takes minutes. */
const protocolTimeout = 3_600_000;

export async function openChromium(): Promise<Driven> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error("there is no Chromium");
  const browser = await launch({
    executablePath,
    defaultViewport: viewport,
    protocolTimeout,
    args: [
      ...chromiumArguments,
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      // So that a page can tell what it really holds.
      "--js-flags=--expose-gc",
      "--enable-precise-memory-info",
    ],
  });
  return {
    version: () => version(browser),
    privateBytes: () => privateBytes(browser.process()?.pid),
    newTab: () => newTab(browser),
    close: () => browser.close(),
  };
}

/** Firefox as Mozilla ships it, by WebDriver BiDi. */
export async function openFirefox(): Promise<Driven> {
  const executablePath = findFirefox();
  if (executablePath === undefined) throw new Error("there is no Firefox");
  const sound = await startSoundServer();
  const browser = await launch({
    browser: "firefox",
    executablePath,
    defaultViewport: viewport,
    protocolTimeout,
    env: { ...process.env, ...sound.env },
    extraPrefsFirefox: {
      "media.navigator.permission.disabled": true,
      "media.navigator.streams.fake": true,
    },
  });
  return {
    version: () => version(browser),
    privateBytes: () => privateBytes(browser.process()?.pid),
    newTab: () => newTab(browser),
    async close() {
      await browser.close();
      await sound.close();
    },
  };
}
