import { createServer } from "node:net";
import { setTimeout as rest } from "node:timers/promises";
import { Builder, type WebDriver, type WebElement } from "selenium-webdriver";
import { findWebKit } from "../../../setup/other-browsers.mjs";
import { find } from "./find.js";
import { privateBytes } from "./memory.js";
import { start } from "./program.js";
import type { Driven, OwnTab, Tab } from "./tab.js";

/** How long an element may take to be there, and a script to end: endurance takes minutes. */
const PATIENCE_MS = 30_000;
const SCRIPT_MS = 3_600_000;
/** How often a start that fails is tried. */
const ATTEMPTS = 3;

type Answer = { readonly value: unknown } | { readonly error: string };

class DriverTab implements Tab {
  readonly #driver: WebDriver;

  constructor(driver: WebDriver) {
    this.#driver = driver;
  }

  async open(url: string) {
    await this.#driver.get(url);
  }

  async evaluate<Result, Given>(
    does: (given: Given) => Result | Promise<Result>,
    given?: Given,
  ): Promise<Result> {
    const script = `const [given, done] = arguments;
      Promise.resolve(given).then(${does}).then(
        (value) => done({ value }),
        (error) => done({ error: String(error) + "\\n" + (error?.stack ?? "") }));`;
    const answer = await this.#driver.executeAsyncScript<Answer>(script, given ?? null);
    if ("error" in answer) throw new Error(answer.error);
    return answer.value as Result;
  }

  async click(selector: string, text?: string) {
    await (await this.#element(selector, text)).click();
  }

  async choose(selector: string, file: string) {
    await (await this.#element(selector)).sendKeys(file);
  }

  async within<Result>(frame: string, does: (inside: Tab) => Promise<Result>): Promise<Result> {
    await this.#driver.switchTo().frame(await this.#element(frame));
    try {
      return await does(this);
    } finally {
      await this.#driver.switchTo().defaultContent();
    }
  }

  async #element(selector: string, text?: string): Promise<WebElement> {
    const script = `return (${find})(...arguments)`;
    const look = () =>
      this.#driver.executeScript<WebElement | null>(script, selector, text ?? null);
    const found = await this.#driver.wait(
      look,
      PATIENCE_MS,
      `there is no ${selector} ${text ?? ""}`,
    );
    return found as WebElement;
  }
}

/** WebKitGTK's MiniBrowser on a screen nobody sees, by WebDriver. */
export async function openWebKit(): Promise<Driven> {
  const { driver, miniBrowser, display } = findWebKit();
  if (!driver || !miniBrowser || !display) throw new Error("WebKitGTK is not all there");
  const screen = start(
    display,
    ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
    {},
    ["ignore", "ignore", "ignore", "pipe"],
  );
  let number = "";
  screen.child.stdio[3]?.on("data", (text) => {
    number += text;
  });
  await screen.ready(() => number.endsWith("\n"));
  const { server, address } = await insisting(() => startDriver(driver, `:${number.trim()}`));
  return {
    async version() {
      const session = await newSession(address, miniBrowser);
      const number = (await session.getCapabilities()).getBrowserVersion();
      await session.quit();
      return number ?? "unknown";
    },
    privateBytes: () => privateBytes(server.child.pid),
    newTab: () => newTab(address, miniBrowser),
    async close() {
      await server.end();
      await screen.end();
    },
  };
}

/** @param display of the X server */
async function startDriver(driver: string, display: string) {
  const port = await freePort();
  const server = start(driver, [`--port=${port}`], {
    DISPLAY: display,
    // What containers run as has no sandbox to offer.
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: process.getuid?.() === 0 ? "1" : "0",
  });
  const address = `http://127.0.0.1:${port}`;
  try {
    await server.ready(() => isReady(address));
  } catch (error) {
    await server.end();
    throw error;
  }
  return { server, address };
}

/** Whether a driver answers there and takes a session. */
async function isReady(address: string): Promise<boolean> {
  try {
    const response = await fetch(`${address}/status`, { signal: AbortSignal.timeout(2000) });
    const { value } = (await response.json()) as { value: { ready: boolean } };
    return value.ready;
  } catch {
    return false;
  }
}

const newSession = (address: string, binary: string) =>
  insisting(() =>
    new Builder()
      .usingServer(address)
      .withCapabilities({
        browserName: "MiniBrowser",
        "webkitgtk:browserOptions": { binary, args: ["--automation"] },
      })
      .build(),
  );

/**
 * Does it again where it failed: the ports of the driver and, found by the driver itself, of each
 * browser were free when they were looked for, and may be somebody else's a moment later.
 */
async function insisting<Result>(does: () => Promise<Result>): Promise<Result> {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await does();
    } catch (error) {
      if (left === 0) throw error;
      await rest(500);
    }
  }
}

async function newTab(address: string, binary: string): Promise<OwnTab> {
  const session = await newSession(address, binary);
  await session.manage().setTimeouts({ script: SCRIPT_MS, pageLoad: 60_000 });
  await session.manage().window().setRect({ width: 1280, height: 900 });
  return {
    tab: new DriverTab(session),
    errors: [],
    async hiddenWhile(does) {
      const own = await session.getWindowHandle();
      await session.switchTo().newWindow("tab");
      await does();
      await session.close();
      await session.switchTo().window(own);
    },
    close: () => session.quit(),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return port;
}
