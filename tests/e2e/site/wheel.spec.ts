import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { test as base } from "@playwright/test";
import { inRoot, inVenv, programIn, viewerDir } from "../../../setup/paths.mjs";
import { drawn, factsThere, says, verb } from "../inspector/page.js";
import { nothingSerious } from "../shared/axe.js";
import { expect, sample, sampleFile, Watch } from "../shared/page.js";

const bundles = ["silero-vad", "custom-deepspeech"].map((id) => inRoot("dist/bundles", id));

/** An environment with the packed wheel, for programs that find no other program. */
class Installation {
  readonly servers: ChildProcess[] = [];

  constructor(readonly folder: string) {}

  get options() {
    return { cwd: this.folder, env: { PATH: "" }, encoding: "utf8" } as const;
  }

  program(name: string) {
    return programIn(join(this.folder, "venv"), name);
  }

  /** Runs a program until it says something that `address` finds an address in. */
  async serve(name: string, args: readonly string[], address: RegExp): Promise<string> {
    const server = spawn(this.program(name), args, this.options);
    this.servers.push(server);
    const [line] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
    const [found] = address.exec(line) ?? [];
    if (!found) throw new Error(`no address in ${line}`);
    return found;
  }

  async stop() {
    for (const server of this.servers.splice(0)) {
      const ended = once(server, "exit");
      server.kill();
      await ended;
    }
  }
}

const test = base.extend<object, { installed: Installation; wheel: string }>({
  wheel: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's needs off its parameter.
    async ({}, use) => {
      const folder = await mkdtemp(join(tmpdir(), "wheel-"));
      const make = [inRoot("web/site/build/wheels.py"), folder, viewerDir];
      const name = execFileSync(inVenv("python"), make, { encoding: "utf8", stdio: "pipe" });
      await use(join(folder, name.trim()));
      await rm(folder, { recursive: true });
    },
    { scope: "worker" },
  ],
  installed: [
    async ({ wheel }, use) => {
      const installed = new Installation(await mkdtemp(join(tmpdir(), "installed-")));
      const venv = join(installed.folder, "venv");
      execFileSync(inVenv("python"), ["-m", "venv", venv]);
      const python = installed.program("python");
      const options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"];
      execFileSync(python, ["-m", "pip", "install", ...options, wheel]);
      // The packages it needs are those that this clone's environment finds.
      const ask = (program: string, code: string) =>
        execFileSync(program, ["-c", code], { encoding: "utf8" }).trim();
      const needed = ask(inVenv("python"), "import tract; print(*tract.__path__)");
      const own = ask(python, "import sysconfig; print(sysconfig.get_path('purelib'))");
      await writeFile(join(own, "needed.pth"), dirname(needed));
      execFileSync(
        installed.program("nnef-pulse"),
        ["site", ...bundles, "-o", "public/models"],
        installed.options,
      );
      await use(installed);
      await installed.stop();
      await rm(installed.folder, { recursive: true });
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

test.afterEach(({ installed }) => installed.stop());

/** The written site below the root of a plain static host. */
async function hosted(installed: Installation): Promise<string> {
  const args = ["-u", "-m", "http.server", "0", "-b", "127.0.0.1", "-d", "public"];
  return `${await installed.serve("python", args, /http:\/\/[^/)]*/)}/models/`;
}

test("the wheel carries the pages in at most 6 MB, and what it runs is its own", async ({
  wheel,
  installed,
}) => {
  expect((await stat(wheel)).size).toBeLessThan(6e6);
  const code = "import nnef_pulse; print(nnef_pulse.__file__)";
  const file = execFileSync(installed.program("python"), ["-c", code], installed.options);
  expect(file.startsWith(installed.folder)).toBe(true);
});

test("`nnef-pulse site`: a model runs live, another is looked into, from a sub-path", async ({
  page,
  installed,
}) => {
  const site = await hosted(installed);
  const watch = new Watch(page, new URL(site).origin);
  await page.goto(site);
  await expect(page.getByRole("heading", { level: 2 })).toHaveCount(2);
  await expect(page.locator("nnef-stream")).toHaveCount(1);
  await nothingSerious(page);
  await page.locator("input[type=file]").setInputFiles(sampleFile);
  const count = new RegExp(`^${Math.ceil(sample.length / sample.frameSamples)} pulses$`);
  await expect(page.locator("nnef-stream .status")).toHaveText(count);
  await nothingSerious(page);

  await page.getByRole("link", { name: /^Look inside Custom/ }).click();
  await drawn(page, /^CustomDeepSpeech/);
  await factsThere(page);
  await verb(page, "Run").click();
  await expect(says(page)).toContainText(/Pulse 0 of \d+/);
  await page.getByRole("button", { name: "Step" }).click();
  await expect(says(page)).toContainText(/Pulse 1 of \d+/);

  await page.goto(`${site}inspect/`);
  await drawn(page, /^Silero VAD/);
  await expect(page.locator("nnef-text")).toContainText("extension tract_symbol T;");
  await nothingSerious(page);
  await page.goto(`${site}embed/stream.html`);
  await page.locator("input[type=file]").setInputFiles(sampleFile);
  await expect(page.locator(".status")).toHaveText(count);
  watch.expectClean();
});

test.describe("with its service worker", () => {
  test.use({ serviceWorkers: "allow" });

  test("the written site works on without its host", async ({ page, installed }) => {
    const site = await hosted(installed);
    await page.goto(site);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    const run = async () => {
      await page.locator("input[type=file]").setInputFiles(sampleFile);
      await expect(page.locator("nnef-stream .status")).toHaveText(/^[1-9]\d* pulses$/);
    };
    await run();
    await installed.stop();
    await page.reload();
    await run();
    await page.goto(`${site}inspect/`);
    await expect(page.locator("nnef-inspector")).toBeVisible();
  });
});

test("`nnef-pulse view`: the inspector with the bundle, and the model live, anew when it changes", async ({
  page,
  installed,
}) => {
  const bundle = join(installed.folder, "silero-vad");
  await cp(bundles[0] ?? "", bundle, { recursive: true });
  const address = await installed.serve("nnef-pulse", ["view", bundle], /http:\S+/);
  const watch = new Watch(page, new URL(address).origin);
  await page.goto(address);
  await drawn(page, /^Silero VAD, 16 kHz/);
  await page.goto(new URL("/", address).href);
  await page.locator("input[type=file]").setInputFiles(sampleFile);
  await expect(page.locator("nnef-stream .status")).toHaveText(/^[1-9]\d* pulses$/);
  const path = join(bundle, "manifest.json");
  const manifest = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...manifest, title: "Silero VAD, changed" }));
  await expect(page.getByRole("heading", { level: 2 })).toHaveText("Silero VAD, changed");
  watch.expectClean();
});
