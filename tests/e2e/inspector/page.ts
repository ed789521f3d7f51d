import type { Page } from "@playwright/test";
import { smallDeepSpeech } from "../../web/inspector/deepspeech.js";
import { expect } from "../shared/page.js";

/** A file as `setInputFiles` takes it. */
export interface RunInputs {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export const given = (name: string, bytes: Uint8Array | string): RunInputs => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(bytes as Uint8Array),
});

export async function deepSpeech(): Promise<RunInputs> {
  return given("small-deepspeech.nnef.tgz", await smallDeepSpeech());
}

/** Opens files as a person does with *Open*. */
export async function openFiles(page: Page, files: readonly RunInputs[]) {
  await page.locator(".inspector-bar input[type=file]").setInputFiles(files as RunInputs[]);
}

/** Waits until the drawing of what is open stands. */
export async function drawn(page: Page, title: string | RegExp) {
  await expect(page.locator(".details-title").first()).toHaveText(title);
  await expect(page.locator(".graph-stage")).toHaveAttribute("aria-busy", "false");
}

/** Waits until the engine has added its facts. */
export async function factsThere(page: Page) {
  await expect(page.locator(".engine-line")).toHaveCount(0);
}

export const verb = (page: Page, name: string) =>
  page.locator(".verbs").getByRole("button", { name, exact: true });

export const says = (page: Page) => page.locator(".verb-says");
