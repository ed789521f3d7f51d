import { type Browser, chromium, type Page } from "@playwright/test";
import { chromiumArguments, findChromium } from "../../../setup/browser.mjs";
import { startHost } from "../shared/sound-server.js";

export interface CorePage {
  readonly page: Page;
  /** Everything the page's console and its policy complained of. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/**
 * An empty page of a plain static host, with the built library beside it at `./lib/`.
 * @param made a folder to be served at `./made/`
 * @param microphone a WAV file to be heard once as the microphone; without it there is a beeping one
 */
export async function openCorePage({
  microphone,
  made,
  flags = [],
}: {
  microphone?: string;
  made?: string;
  flags?: string[];
} = {}): Promise<CorePage> {
  const host = await startHost(made);
  const heard =
    microphone === undefined ? [] : [`--use-file-for-fake-audio-capture=${microphone}%noloop`];
  const executablePath = findChromium();
  const browser: Browser = await chromium.launch({
    ...(executablePath && { executablePath }),
    args: [
      ...chromiumArguments,
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
      ...heard,
      ...flags,
    ],
  });
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) complaints.push(message.text());
  });
  await page.goto(host.url);
  return {
    page,
    complaints,
    async close() {
      await browser.close();
      await host.close();
    },
  };
}

declare global {
  /** Of each microphone the page has opened since `keepTracks`. */
  var openedTracks: MediaStreamTrack[];
}

/** Has the page keep the tracks of the microphones it opens from here on. */
export const keepTracks = (page: Page): Promise<void> =>
  page.evaluate(() => {
    globalThis.openedTracks = [];
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      openedTracks.push(...stream.getTracks());
      return stream;
    };
  });
