import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { said, say } from "../shared/messages.js";
import { expect, sample, sampleAsMicrophone, sampleFile, siteTest } from "../shared/page.js";
import { startHost } from "../shared/sound-server.js";

interface Message {
  readonly source: string;
  readonly type: string;
  readonly [fact: string]: unknown;
}

/** `around` is a stranger's page on another origin: plain HTML, one iframe, one listener. */
const test = siteTest.extend<{ around: (query: string) => Promise<string> }>({
  around: async ({ page, site }, use) => {
    let html = "";
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "text/html").end(html);
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const { port } = server.address() as AddressInfo;
    const address = `http://127.0.0.1:${port}`;
    await use(async (query) => {
      html = `<!doctype html><title>a stranger's page</title>
        <script>
          const told = [];
          addEventListener("message", ({ data, origin }) => told.push({ origin, ...data }));
        </script>
        <iframe src="${site}embed/vad.html?${query}" allow="microphone" width="100%" height="230"></iframe>`;
      await page.goto(address);
      return address;
    });
    server.close();
    server.closeAllConnections();
  },
});

test.use({
  launchOptions: async ({ launchOptions }, use) => {
    await use({ ...launchOptions, args: sampleAsMicrophone });
  },
});

/** Messages at a time. */
const BATCH = 500;

const told = (page: Page): Promise<Message[]> => page.evaluate("told");

async function heard(page: Page, type: string): Promise<Message> {
  await expect
    .poll(async () => (await told(page)).some((message) => message.type === type))
    .toBe(true);
  return (await told(page)).find((message) => message.type === type) as Message;
}

test("the frame listens on another origin and tells what it finds, never the sound", async ({
  page,
  site,
  around,
}) => {
  await around("");
  expect(await heard(page, "resize")).toMatchObject({ source: "nnef-pulse", height: 230 });
  await page.frameLocator("iframe").getByRole("button", { name: "Listen" }).click();
  const start = await heard(page, "speechstart");
  const end = await heard(page, "speechend");
  expect(end.start).toBe(start.start);
  expect(Number(end.end)).toBeGreaterThan(Number(end.start));
  const probability = await heard(page, "probability");
  expect(probability.p).toBeGreaterThanOrEqual(0);
  expect(probability.p).toBeLessThanOrEqual(1);
  for (const message of await told(page)) {
    expect(message.origin).toBe(new URL(site).origin);
    expect(Object.keys(message).sort()).toEqual(
      {
        resize: ["height"],
        speechstart: ["start"],
        speechend: ["end", "start"],
        probability: ["p", "time"],
      }[message.type]
        ?.concat("origin", "source", "type")
        .sort(),
    );
  }
});

test("the frame tells only the origin it was given", async ({ page, around }) => {
  await around("origin=https://example.org");
  await page.frameLocator("iframe").getByRole("button", { name: "Listen" }).click();
  await expect(page.frameLocator("iframe").locator("nnef-vad [part=status]")).toHaveText(/found/);
  expect(await told(page)).toEqual([]);
});

// NNEF_PULSE_FUZZ=100000 for the long run; NNEF_PULSE_FUZZ_FROM to begin at another seed.
const count = Number(process.env.NNEF_PULSE_FUZZ ?? 1_000);
const from = Number(process.env.NNEF_PULSE_FUZZ_FROM ?? 0);

test(`whatever its page says, ${count} messages, the frame listens to none and goes on`, async ({
  page,
  around,
}) => {
  test.setTimeout(3_600_000);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.addInitScript(() => {
    const counted = Object.assign(globalThis, { received: 0, listeners: 0 });
    addEventListener("message", () => counted.received++);
    const { addEventListener: add } = EventTarget.prototype;
    EventTarget.prototype.addEventListener = function (type, ...rest) {
      // Called bare, it has no `this`.
      if ((this ?? globalThis) === globalThis && type === "message") counted.listeners++;
      add.call(this, type, ...rest);
    };
  });
  await around("");
  await heard(page, "resize");
  const inside = page.frames()[1];
  for (let done = 0; done < count; done += BATCH) {
    const seeds = Array.from({ length: Math.min(BATCH, count - done) }, (_, n) => from + done + n);
    await page.evaluate(say, seeds.map(said));
    await expect.poll(() => inside?.evaluate("received")).toBe(done + seeds.length);
  }
  expect(await inside?.evaluate("[listeners, onmessage]")).toEqual([0, null]);
  expect(await inside?.title()).toBe("Voice activity detection");
  expect(errors).toEqual([]);
  expect(await told(page)).toEqual([expect.objectContaining({ type: "resize", height: 230 })]);
  await page.frameLocator("iframe").getByRole("button", { name: "Listen" }).click();
  await heard(page, "speechstart");
});

test("the frame runs a file of its own site at once, and none of another", async ({
  page,
  around,
}) => {
  const status = page.frameLocator("iframe").locator("nnef-vad [part=status]");
  await around("src=../sample/sample.wav");
  await expect(status).toHaveText(new RegExp(`^${sample.segments.length} found`));
  await around("src=https://example.org/a.wav");
  await expect(status).toHaveText("Your audio stays in this page.");
});

test("one script tag gives the element, under a sub-path of a plain host", async ({ page }) => {
  const host = await startHost();
  await page.goto(host.url);
  await page.addScriptTag({ type: "module", url: `${host.url}lib/nnef-pulse.js` });
  const wav = (await readFile(sampleFile)).toString("base64");
  const found = await page.evaluate(async (base64) => {
    const element = document.createElement("nnef-vad") as HTMLElement & {
      file(blob: Blob): Promise<void>;
    };
    const spans: { start: number; end: number; samples: number }[] = [];
    element.addEventListener("speechend", (event) => {
      const { start, end, audio } = (event as CustomEvent).detail;
      spans.push({ start, end, samples: audio.samples.length });
    });
    document.body.append(element);
    await customElements.whenDefined("nnef-vad");
    await element.file(new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]));
    return { spans, height: element.getBoundingClientRect().height };
  }, wav);
  expect(found.height).toBe(230);
  expect(found.spans).toEqual(
    sample.segments.map(({ start, end }) => ({ start, end, samples: end - start })),
  );
  await host.close();
});

test("the element takes the rules as attributes, and tells trouble once", async ({ page }) => {
  const host = await startHost();
  await page.goto(host.url);
  await page.addScriptTag({ type: "module", url: `${host.url}lib/nnef-pulse.js` });
  const wav = (await readFile(sampleFile)).toString("base64");
  const told = await page.evaluate(async (base64) => {
    await customElements.whenDefined("nnef-vad");
    const element = document.createElement("nnef-vad") as HTMLElement & {
      file(blob: Blob): Promise<void>;
    };
    element.setAttribute("min-speech-ms", "2500");
    document.body.append(element);
    const lengths: number[] = [];
    const errors: string[] = [];
    element.addEventListener("speechend", (event) => {
      const { start, end } = (event as CustomEvent).detail;
      lengths.push(end - start);
    });
    element.addEventListener("error", (event) =>
      errors.push((event as unknown as CustomEvent).detail.error.code),
    );
    await element.file(new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]));
    await element.file(new Blob(["no sound"]));
    return { lengths, errors };
  }, wav);
  const wanted = sample.segments
    .map(({ start, end }) => end - start)
    .filter((length) => length > 2560 * 16);
  expect(wanted.length).toBeGreaterThan(0);
  expect(told.lengths).toEqual(wanted);
  expect(told.errors).toEqual(["file-undecodable"]);
  await host.close();
});

test("the strip alone draws a session, and says in words what it shows", async ({ page }) => {
  const host = await startHost();
  await page.goto(host.url);
  const wav = (await readFile(sampleFile)).toString("base64");
  const label = await page.evaluate(
    async ({ base64, lib }) => {
      await import(`${lib}elements.js`);
      const { Vad } = await import(`${lib}vad.js`);
      const strip = document.createElement("nnef-strip") as HTMLElement & {
        follow(session: unknown): void;
        rest(): void;
      };
      document.body.append(strip);
      const vad = await Vad.open();
      const session = vad.file(
        new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]),
      );
      strip.follow(session);
      await new Promise((resolve) => session.addEventListener("end", resolve));
      strip.rest();
      await vad.close();
      return strip.shadowRoot?.querySelector("[role=img]")?.ariaLabel;
    },
    { base64: wav, lib: `${host.url}lib/` },
  );
  for (const { start, end } of sample.segments) {
    expect(label).toContain(`${(start / 16000).toFixed(1)} to ${(end / 16000).toFixed(1)} s`);
  }
  await host.close();
});
