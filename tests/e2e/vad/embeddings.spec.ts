import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, type Page, test } from "@playwright/test";
import { loadTract } from "tract-wasm";
import { makeFolder } from "../../../web/build/folder.mjs";
import { bundleOf, level } from "../../web/stream/small-models.js";
import { openCorePage } from "./page.js";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Pages the spec makes are served from here, beside the library; the host forgets them with the spec. */
let home: string;
let app: string;

test.describe.configure({ mode: "serial" });

/** The files a documentation page shows, by the names it gives them. */
async function shown(page: string): Promise<Map<string, string>> {
  const text = await readFile(join(root, "web/docs", page), "utf8");
  const blocks = text.matchAll(/^```\w+ file=(\S+)\n(.*?)^```$/gms);
  return new Map(Array.from(blocks, ([, name = "", body = ""]) => [name, body]));
}

async function write(folder: string, files: Iterable<readonly [string, string]>): Promise<void> {
  for (const [name, body] of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, body);
  }
}

/** A bundle whose output is the level of the sound: the manifest of the VAD with another model. */
async function writeLevel(folder: string): Promise<void> {
  using tract = await loadTract();
  const bytes = await level;
  using model = await tract.load(bytes);
  using pulsed = model.pulse("S", 160);
  const audio = { sampleRate: 16_000, samplesPerPulse: 160, frontEnd: "none" };
  const { manifest } = await bundleOf(tract, bytes, [160], { audio, id: "level", asserts: [] });
  const vad = JSON.parse(
    await readFile(join(root, "dist/bundles/silero-vad/manifest.json"), "utf8"),
  );
  await mkdir(folder, { recursive: true });
  const file = "pulse-S160.nnef.tgz";
  const outputs = [{ name: "level", delay: 0, framesPerPulse: 1, warmUp: 0 }];
  const pulses = [{ ...manifest.pulses[0], file, outputs }];
  const { defaults: _, ...of } = { ...vad, ...manifest, pulses, files: [] };
  const archives: [string, Uint8Array][] = [
    ["model.nnef.tgz", bytes],
    [file, await pulsed.toNnef()],
  ];
  for (const [path, data] of archives) {
    await writeFile(join(folder, path), data);
    const sha256 = createHash("sha256").update(data).digest("hex");
    of.files.push({ path, size: data.length, sha256 });
  }
  await writeFile(join(folder, "manifest.json"), JSON.stringify(of));
}

/** Listens for a while, by the page's own buttons. */
async function listens(page: Page, ending = "Stop"): Promise<void> {
  await page.getByRole("button", { name: "Listen" }).click();
  await page.getByRole("button", { name: ending }).waitFor();
  await page.waitForTimeout(700);
  await page.getByRole("button", { name: ending }).click();
}

test.beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "nnef-pulse-"));
  // As npm would install the tarball: what `files` names and nothing else, without the workspace around it.
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", home], {
    cwd: join(root, "web"),
  });
  app = join(home, "app");
  await mkdir(join(app, "node_modules"), { recursive: true });
  await run("tar", ["-xzf", join(home, stdout.trim()), "-C", home]);
  await cp(join(home, "package"), join(app, "node_modules/nnef-pulse"), { recursive: true });
  for (const name of ["react", "react-dom", "scheduler"]) {
    await symlink(join(root, "node_modules", name), join(app, "node_modules", name), "junction");
  }
  await writeFile(join(app, "package.json"), JSON.stringify({ type: "module" }));
});

test.afterAll(() => rm(home, { recursive: true, force: true }));

async function built(out: string, input = "index.html"): Promise<string> {
  const vite = join(root, "node_modules/vite/bin/vite.js");
  await run(
    process.execPath,
    [vite, "build", "--base", "./", "--outDir", join(home, out), "--emptyOutDir"],
    { cwd: app },
  );
  return `made/${out}/${input}`;
}

test("an app built by Vite from the tarball, without configuration, under a sub-path and the policy", async () => {
  await write(app, await shown("bundlers.md"));
  const address = await built("vite");
  const { page, complaints, close } = await openCorePage({ made: home });
  await page.goto(new URL(address, page.url()).href);
  await listens(page);
  await page.waitForFunction(() => Number(document.body.dataset.heard) > 5000);
  expect(complaints).toEqual([]);
  await close();
});

test("an app built by Vite runs a bundle that is no VAD on the microphone, in 15 lines", async () => {
  const files = await shown("streams.md");
  const lines = files.get("src/main.js")?.split("\n").filter(Boolean) ?? [];
  expect([lines.length <= 15, lines.length > 5]).toEqual([true, true]);
  await write(app, files);
  await writeLevel(join(app, "public/bundles/level"));
  const address = await built("level");
  const { page, complaints, close } = await openCorePage({ made: home });
  await page.goto(new URL(address, page.url()).href);
  await page.getByRole("button", { name: "Listen" }).click();
  // The fake microphone beeps.
  const level = () => page.locator("meter").evaluate((meter: HTMLMeterElement) => meter.value);
  await expect.poll(level).toBeGreaterThan(0.01);
  await expect(page.locator("meter")).toHaveAttribute("title", /^level at \d/);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect.poll(() => page.workers().length).toBe(0);
  expect(complaints).toEqual([]);
  await close();
});

test("Vite's development server finds the files too", async () => {
  await write(app, await shown("bundlers.md"));
  const { createServer } = await import("vite");
  const server = await createServer({
    root: app,
    configFile: false,
    logLevel: "silent",
    server: { port: 0 },
  });
  await server.listen();
  const address = server.resolvedUrls?.local[0] ?? "";
  const { page, close } = await openCorePage();
  await page.goto(address);
  await listens(page);
  await page.waitForFunction(() => Number(document.body.dataset.heard) > 5000);
  await close();
  await server.close();
});

test("the React hook under strict mode opens, changes and closes", async () => {
  await write(app, [
    ...(await shown("bundlers.md")),
    [
      "index.html",
      '<!doctype html><title>React</title><div id="root"></div><script type="module" src="/src/app.jsx"></script>',
    ],
    [
      "src/app.jsx",
      `import { createElement as h, StrictMode } from "react";
       import { createRoot } from "react-dom/client";
       import { useVad } from "nnef-pulse/react";
       import { Speech } from "./speech.jsx";
       function FirstThreshold() {
         const { error } = useVad({ listening: true, threshold: 2 });
         return h("p", null, error?.name);
       }
       createRoot(document.getElementById("root")).render(
         h(StrictMode, null, h(Speech), h(FirstThreshold)));`,
    ],
  ]);
  const address = await built("react");
  const { page, complaints, close } = await openCorePage({ made: home });
  await page.goto(new URL(address, page.url()).href);
  await expect(page.locator("p")).toHaveText("OptionError");
  for (let n = 0; n < 3; n++) {
    await page.getByRole("button", { name: "Listen" }).click();
    await expect(page.locator("output")).toHaveText(/^(silence|speech)/);
    await page.getByRole("button", { name: "Stricter" }).click();
    await page.getByRole("button", { name: "Stop" }).click();
    await expect(page.locator("output")).toHaveText(/^off/);
    await expect.poll(() => page.workers().length).toBe(0);
  }
  expect(complaints).toEqual([]);
  await close();
});

test("the folder for any host: its frame, and its script tag in a plain page", async () => {
  const folder = pathToFileURL(join(home, "nnef-vad/"));
  await makeFolder(folder);
  const script =
    '<!doctype html><title>plain</title><script type="module" src="nnef-vad/nnef-pulse.js"></script><nnef-vad></nnef-vad>';
  await writeFile(join(home, "plain.html"), script);
  const { page, complaints, close } = await openCorePage({ made: home });
  const requests: string[] = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  const base = page.url();
  for (const address of ["made/plain.html", "made/nnef-vad/vad.html"]) {
    requests.length = 0;
    await page.goto(new URL(address, base).href);
    await page.evaluate(() => {
      const heard: number[] = [];
      document.querySelector("nnef-vad")?.addEventListener("probability", (event) => {
        heard.push((event as CustomEvent<{ time: number }>).detail.time);
      });
      Object.assign(globalThis, { heard });
    });
    await listens(page, "Pause");
    expect(await page.evaluate<number>("heard.length")).toBeGreaterThan(5);
    expect(requests.filter((path) => path.endsWith(".wasm"))).toEqual([
      "/site/made/nnef-vad/tract_wasm.wasm",
    ]);
    expect(
      requests.filter((path) => !path.startsWith("/site/made/") && path !== "/favicon.ico"),
    ).toEqual([]);
  }
  expect(complaints).toEqual([]);
  await close();
});
