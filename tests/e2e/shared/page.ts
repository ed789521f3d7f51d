import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test as base, expect, type Page } from "@playwright/test";
import { chromiumArguments } from "../../../setup/browser.mjs";
import { listen } from "../../../setup/serve/listen.mjs";

export { expect };

/** `sample.json`, as the site was built with it. */
export interface SampleRecord {
  readonly sampleRate: number;
  readonly frameSamples: number;
  readonly length: number;
  readonly probabilities: readonly number[];
  readonly segments: readonly { readonly start: number; readonly end: number }[];
}

export const sampleFile = fileURLToPath(
  new URL("../../../dist/sample/sample.wav", import.meta.url),
);

export const sample = JSON.parse(
  readFileSync(new URL("../../../dist/sample/sample.json", import.meta.url), "utf8"),
) as SampleRecord;

/** What a page may never do, whatever is tested on it. */
export class Watch {
  readonly violations: string[] = [];
  readonly foreign: string[] = [];
  readonly errors: string[] = [];

  constructor(page: Page, origin: string) {
    page.on("console", (message) => {
      if (/Content.Security.Policy/i.test(message.text())) this.violations.push(message.text());
    });
    page.on("pageerror", (error) => this.errors.push(String(error.stack ?? error)));
    page.on("request", (request) => {
      const url = new URL(request.url());
      const local = ["data:", "blob:"].includes(url.protocol);
      if (!local && url.origin !== origin) this.foreign.push(url.href);
    });
  }

  expectClean() {
    expect(this.violations).toEqual([]);
    expect(this.foreign).toEqual([]);
    expect(this.errors).toEqual([]);
  }
}

/** `site` is the built site's address. */
export const siteTest = base.extend<object, { site: string }>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off its parameter.
    async ({}, use) => {
      const server = await listen(0);
      await use(server.address);
      server.close();
    },
    { scope: "worker" },
  ],
});

/** A page that breaks the policy, calls elsewhere or throws fails its test. */
export const test = siteTest.extend<{ watched: undefined }>({
  watched: [
    async ({ page, site }, use) => {
      const watch = new Watch(page, new URL(site).origin);
      await use(undefined);
      watch.expectClean();
    },
    { auto: true },
  ],
});

/** Resolves when the page has computed the sample itself. */
export async function computed(page: Page) {
  await expect(page.locator("#caption")).toHaveText(/^Computed here: \d+ pulses in /);
}

/** Start and length of each row, as text. */
export function rows(page: Page): Promise<string[][]> {
  return page
    .locator("#segments tr")
    .evaluateAll((all) =>
      all.map((row) =>
        [...row.querySelectorAll("td")].slice(0, 2).map((cell) => cell.textContent ?? ""),
      ),
    );
}

/** Launch options of a browser whose microphone plays the sample, over and over, and is always allowed. */
export const sampleAsMicrophone = [
  ...chromiumArguments,
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  `--use-file-for-fake-audio-capture=${sampleFile}`,
];

/** What {@link rows} has to be for `segments`. */
export function rowsOf(segments: SampleRecord["segments"], rate: number): string[][] {
  return segments.map(({ start, end }) => [
    `${(start / rate).toFixed(2)} s`,
    `${(end / rate - start / rate).toFixed(2)} s`,
  ]);
}
