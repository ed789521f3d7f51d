import { test as base, expect } from "@playwright/test";
import { type BrowserName, browsers } from "./drive/browsers.js";
import type { Driven, OwnTab, Tab } from "./drive/tab.js";
import { type Host, startHost } from "./host.js";

export { expect };

export interface Driving {
  /** The browser a test is run in. */
  readonly drives: BrowserName;
  readonly driven: Driven;
  readonly host: Host;
}

/** A page that breaks the policy or throws fails its test, whatever is tested on it. */
export const test = base.extend<{ own: OwnTab; tab: Tab }, Driving>({
  drives: ["chromium", { option: true, scope: "worker" }],
  driven: [
    async ({ drives }, use) => {
      const driven = await browsers[drives]();
      await use(driven);
      await driven.close();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  host: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off its parameter.
    async ({}, use) => {
      const host = await startHost();
      await use(host);
      await host.close();
    },
    { scope: "worker" },
  ],
  own: async ({ driven, host }, use) => {
    const own = await driven.newTab();
    host.violations.length = 0;
    await use(own);
    await own.close();
    expect(host.violations).toEqual([]);
    expect(own.errors).toEqual([]);
  },
  tab: ({ own }, use) => use(own.tab),
});

/** Waits for what a function finds in the page. */
export const eventually = <Result, Given = undefined>(
  tab: Tab,
  does: (given: Given) => Result | Promise<Result>,
  given?: Given,
) => expect.poll(() => tab.evaluate(does, given));
