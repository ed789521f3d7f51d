import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page, Route } from "@playwright/test";
import { computed, expect, sample, test } from "../shared/page.js";

const bundle = fileURLToPath(new URL("../../../dist/bundles/silero-vad/", import.meta.url));

/** Expects the notice for an error: its code, the file or field it names, and earlier results still in view. */
async function expectNotice(page: Page, code: string, name = "") {
  const notice = page.locator(".notice");
  await expect(notice).toBeVisible();
  await expect(notice).toHaveAttribute("data-code", code);
  await expect(notice).toHaveAttribute("role", "alert");
  await expect(notice.locator(".notice-sentence")).toContainText(name || /\w/);
  await notice.getByText("Details").click();
  await expect(notice.locator(".notice-chain")).toContainText(code);
  await expect(page.locator("#segments tr")).toHaveCount(sample.segments.length);
}

/** Serves a copy of the bundle with one file changed, at `bundles/broken/`. */
async function breakBundle(
  page: Page,
  name: RegExp,
  change: (file: Buffer, route: Route) => Promise<void>,
) {
  await page.route("**/bundles/broken/*", async (route) => {
    const file = new URL(route.request().url()).pathname.split("/").at(-1) ?? "";
    const body = await readFile(bundle + file);
    if (name.test(file)) await change(body, route);
    else await route.fulfill({ body });
  });
}

const broken = "?bundle=bundles/broken/";

test.describe("a bundle", () => {
  const cases: {
    name: string;
    file: RegExp;
    code: string;
    /** The file or field that the notice names. */
    names: string;
    change: (file: Buffer, route: Route) => Promise<void>;
  }[] = [
    {
      name: "that is not there",
      file: /manifest/,
      code: "file-missing",
      names: "bundles/broken/manifest.json",
      change: (_file, route) => route.fulfill({ status: 404, body: "" }),
    },
    {
      name: "whose manifest lacks a field",
      file: /manifest/,
      code: "manifest-invalid",
      names: "engine",
      change: (file, route) => {
        const { engine: _, ...rest } = JSON.parse(file.toString()) as Record<string, unknown>;
        return route.fulfill({ json: rest });
      },
    },
    {
      name: "whose manifest is no JSON",
      file: /manifest/,
      code: "manifest-unreadable",
      names: "manifest.json",
      change: (_file, route) => route.fulfill({ body: "{ nearly" }),
    },
    {
      name: "that is cut short",
      file: /pulse/,
      code: "file-cut",
      names: "bundles/broken/pulse-T1.nnef.tgz",
      change: (file, route) => route.fulfill({ body: file.subarray(0, 5000) }),
    },
    {
      name: "with a flipped bit",
      file: /pulse/,
      code: "file-changed",
      names: "bundles/broken/pulse-T1.nnef.tgz",
      change: (file, route) => {
        file.writeUInt8(file.readUInt8(9000) ^ 1, 9000);
        return route.fulfill({ body: file });
      },
    },
    {
      name: "with the wrong magic",
      file: /pulse/,
      code: "file-wrong-kind",
      names: "bundles/broken/pulse-T1.nnef.tgz",
      change: (file, route) => route.fulfill({ body: Buffer.alloc(file.length, 0x50) }),
    },
    {
      name: "that is a web page",
      file: /manifest/,
      code: "file-is-page",
      names: "bundles/broken/manifest.json",
      change: (_file, route) =>
        route.fulfill({ contentType: "text/html", body: "<!doctype html><title>home</title>" }),
    },
  ];
  for (const { name, file, code, names, change } of cases) {
    test(`${name} is told, and the site's own then loads`, async ({ page, site }) => {
      await breakBundle(page, file, change);
      await page.goto(site + broken);
      await expectNotice(page, code, names);
      await page.getByRole("button", { name: "Use the site’s own model" }).click();
      await computed(page);
      await expect(page.locator(".notice")).toBeHidden();
    });
  }

  test("of another site is not fetched", async ({ page, site }) => {
    await page.goto(`${site}?bundle=https://example.org/model/`);
    await expectNotice(page, "bundle-elsewhere", "https://example.org/model/");
  });

  test("that works is used", async ({ page, site }) => {
    await page.goto(`${site}?bundle=bundles/silero-vad`);
    await computed(page);
  });
});

test("an engine that cannot be fetched is told, and fetched again when asked", async ({
  page,
  site,
}) => {
  await page.route("**/*.wasm", (route) => route.abort());
  await page.goto(site);
  await expectNotice(page, "engine-unreachable");
  await page.unroute("**/*.wasm");
  await page.getByRole("button", { name: "Try again" }).click();
  await computed(page);
});

test("a browser without WebAssembly SIMD is told", async ({ page, site }) => {
  await page.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  await page.goto(site);
  await expectNotice(page, "simd-missing");
});

test("a file that is no sound is told; what was found stays", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  const file = {
    name: "letter.mp3",
    mimeType: "audio/mpeg",
    buffer: Buffer.from("not a sound at all"),
  };
  await page.locator("#file").setInputFiles(file);
  await expectNotice(page, "file-undecodable", "letter.mp3");
});

test("a microphone that is refused is told", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await page.getByRole("button", { name: "Listen" }).click();
  await expectNotice(page, "microphone-refused");
  await expect(page.getByRole("button", { name: "Listen" })).toBeVisible();
});

test("a machine without a microphone is told", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException("none", "NotFoundError"));
  });
  await page.getByRole("button", { name: "Listen" }).click();
  await expectNotice(page, "microphone-missing");
});

test("permission is waited for inside the strip", async ({ page, site }) => {
  await page.goto(site);
  await computed(page);
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => new Promise(() => undefined);
  });
  await page.getByRole("button", { name: "Listen" }).click();
  await expect(page.locator("#strip .notice")).toHaveText(/Waiting for your permission/);
});

test.describe("while a microphone runs", () => {
  test.beforeEach(async ({ page, site }) => {
    await page.goto(site);
    await computed(page);
    // A microphone the test holds in its hand: a tone that can be silenced and unplugged.
    await page.evaluate(() => {
      const context = new AudioContext();
      const tone = context.createOscillator();
      const gain = context.createGain();
      const out = context.createMediaStreamDestination();
      tone.connect(gain).connect(out);
      tone.start();
      navigator.mediaDevices.getUserMedia = async () => {
        await context.resume();
        const stream = out.stream.clone();
        Object.assign(window, { track: stream.getAudioTracks()[0] });
        return stream;
      };
      Object.assign(window, { gain });
    });
    await page.getByRole("button", { name: "Listen" }).click();
    await expect(page.locator("#caption")).toHaveText(/^Listening/);
  });

  test("silence asks whether it is muted, and sound answers", async ({ page }) => {
    await page.evaluate(() => {
      (Reflect.get(window, "gain") as GainNode).gain.value = 0;
    });
    const notice = page.locator(".notice");
    await expect(notice).toHaveAttribute("data-code", "microphone-silent");
    await expect(notice.getByRole("combobox", { name: "Microphone" })).toBeVisible();
    await page.evaluate(() => {
      (Reflect.get(window, "gain") as GainNode).gain.value = 0.5;
    });
    await expect(notice).toBeHidden();
  });

  test("a microphone that is unplugged tears the strip, and another goes on", async ({ page }) => {
    await expect(page.locator("#figure-pulses")).not.toHaveText("0");
    await page.evaluate(() => {
      // What a browser does when the device goes away.
      const track = Reflect.get(window, "track") as MediaStreamTrack;
      track.stop();
      track.dispatchEvent(new Event("ended"));
    });
    const notice = page.locator(".notice");
    await expect(notice).toHaveAttribute("data-code", "microphone-ended");
    await expect(page.locator("#caption")).toHaveText("Paused. The microphone is off.");
    await notice.getByRole("button", { name: "Resume" }).click();
    await expect(page.locator("#caption")).toHaveText(/^Listening/);
    await expect(notice).toBeHidden();
  });
});
