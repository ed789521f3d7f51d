// The packed package, as three kinds of project use it.

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { promisify } from "node:util";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { chromium } from "@playwright/test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { build, createServer as createVite, preview } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumArguments, findChromium } from "../../../setup/browser.mjs";
import { buildDir, inRoot } from "../../../setup/paths.mjs";
import { contentSecurityPolicy } from "../../../setup/policy.mjs";
import { wasmTarget } from "../../../setup/preflight/rust.mjs";
import { cargoEnvironment } from "../../../setup/steps/cargo.mjs";
import { toolchain } from "../../../setup/steps/rust-target.mjs";
import { sectionsOf } from "../../../web/build/notices/document.mjs";
import { doubling } from "../archives.ts";

const run = promisify(execFile);
const LONG = 180_000;

/** What every consumer does, and what it must get. */
const use = (archive) => `
import { loadTract, tensor, version } from "tract-wasm";
import { connect } from "tract-wasm/worker";

const x = tensor(new Float32Array([1, 2, 3, 4]), [1, 1, 4]);
const tract = await loadTract();
const here = (await tract.load(${archive})).prepare().run({ x });
const remote = await connect({ deadlineMs: 20000 });
const there = await (await (await remote.load(${archive})).prepare()).run({ x });
remote.dispose();
export const result = JSON.stringify([version, [...here.y.data], [...there.y.data]]);
`;

let folder = "";
let tarball = "";
let version = "";
/** @type {import("@playwright/test").Browser} */
let browser;

beforeAll(async () => {
  await mkdir(buildDir, { recursive: true });
  folder = await mkdtemp(join(buildDir, "consumers-"));
  const packed = await run("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: inRoot("wasm"),
    shell: process.platform === "win32",
  });
  const [{ filename, version: made }] = JSON.parse(packed.stdout);
  [tarball, version] = [join(folder, filename), made];
  await mkdir(join(folder, "node_modules"));
  await run("tar", ["xzf", tarball, "-C", join(folder, "node_modules")]);
  const installed = join(folder, "node_modules", "package");
  await cp(installed, join(folder, "node_modules", "tract-wasm"), { recursive: true });
  await rm(installed, { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const executablePath = findChromium();
  browser = await chromium.launch({
    args: chromiumArguments,
    ...(executablePath && { executablePath }),
  });
}, LONG);

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
}, LONG);

const expected = () => JSON.stringify([version, [3, 5, 7, 9], [3, 5, 7, 9]]);

/** Opens a page and gives the result it leaves. @param {string} url */
async function resultAt(url) {
  const page = await browser.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(url);
  try {
    await page.waitForFunction(() => "result" in globalThis, undefined, { timeout: 60_000 });
    return await page.evaluate(() => globalThis.result);
  } catch (error) {
    throw new Error(`${url}: ${complaints.join("; ")}`, { cause: error });
  } finally {
    await page.close();
  }
}

test("publint and are-the-types-wrong find nothing", { timeout: LONG }, async () => {
  const { messages, pkg } = await publint({ pkgDir: join(folder, "node_modules/tract-wasm") });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  const data = new Uint8Array(await readFile(tarball));
  const { problems } = await checkPackage(createPackageFromTarballData(data), {
    // The engine itself is no module with types.
    excludeEntrypoints: ["./tract_wasm.wasm", "./package.json"],
  });
  // CommonJS and resolution from before \`exports\` are not offered: the package is ESM.
  const offered = ["node16-esm", "bundler"];
  const found = problems.filter(
    (problem) => !("resolutionKind" in problem) || offered.includes(problem.resolutionKind),
  );
  expect(found).toEqual([]);
});

test("the package holds what it should, and nothing else", async () => {
  const { stdout } = await run("tar", ["tzf", tarball]);
  const files = stdout
    .trim()
    .split("\n")
    .map((file) => file.replace(/^package\//, ""));
  const manifest = JSON.parse(
    await readFile(join(folder, "node_modules/tract-wasm/package.json"), "utf8"),
  );
  for (const entry of Object.values(manifest.exports)) {
    for (const file of typeof entry === "string" ? [entry] : Object.values(entry)) {
      expect(files).toContain(file.replace("./", ""));
    }
  }
  expect(files).toContain("LICENSE-MIT");
  expect(files).toContain("LICENSE-APACHE");
  const other = files.filter(
    (file) => !/^(dist|docs)\/|^(README\.md|LICENSE-\w+|package\.json)$/.test(file),
  );
  expect(other).toEqual([]);
  expect(manifest.scripts?.install ?? manifest.scripts?.postinstall).toBeUndefined();
});

test("the package names each crate that is compiled into the engine", {
  timeout: LONG,
}, async () => {
  const list = join(folder, "node_modules/tract-wasm/dist/THIRD-PARTY.txt");
  const sections = sectionsOf(await readFile(list, "utf8"));
  const names = sections.map((each) => each.split("\n", 1)[0]);
  expect(names).toContainEqual(expect.stringMatching(/^Rust standard library \d/));
  const crates = await compiledCrates();
  expect(crates.length).toBeGreaterThan(50);
  for (const crate of crates) expect(names).toContain(crate);
  for (const each of sections) expect(each).toMatch(/copyright|author|permission/i);
});

/** Asked of cargo in another way than the list was made: the published crates that its tree links for the web. */
async function compiledCrates() {
  const { web } = await toolchain();
  const kinds = ["--edges", "normal,no-proc-macro", "--target", wasmTarget];
  const form = ["--prefix", "none", "--format", "{p}"];
  const { stdout } = await run(
    web.cargo,
    ["tree", "--manifest-path", "wasm/Cargo.toml", "--locked", ...kinds, ...form],
    { cwd: inRoot(), env: { ...process.env, ...cargoEnvironment(web) } },
  );
  const ofOthers = stdout.split("\n").filter((line) => line && !line.includes("("));
  return [...new Set(ofOthers)].map((line) => line.replace(" v", " "));
}

test("a Node project", { timeout: LONG }, async () => {
  await writeFile(
    join(folder, "node.mjs"),
    `
import { readFile } from "node:fs/promises";
const archive = await readFile(new URL("./doubling.nnef.tar", import.meta.url));
${use("archive")}
console.log(result);`,
  );
  await writeFile(join(folder, "doubling.nnef.tar"), doubling);
  const { stdout, stderr } = await run(process.execPath, ["node.mjs"], { cwd: folder });
  expect(stdout.trim()).toBe(expected());
  expect(stderr).toBe("");
});

test("a plain page under the strict policy, from a sub-path", { timeout: LONG }, async () => {
  const files = {
    "/some/where/index.html": `<!doctype html><script type="module" src="main.js"></script>`,
    "/some/where/main.js": `${use('"doubling.nnef.tar"')
      .replace('"tract-wasm"', '"./tract-wasm/dist/index.js"')
      .replace('"tract-wasm/worker"', '"./tract-wasm/dist/worker/index.js"')}
globalThis.result = result;`,
    "/some/where/doubling.nnef.tar": doubling,
  };
  const types = { ".js": "text/javascript", ".html": "text/html" };
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://here").pathname);
    const inPackage = path.replace("/some/where/", join(folder, "node_modules/"));
    const body = files[path] ?? (await readFile(inPackage).catch(() => undefined));
    // As a host that knows nothing of WebAssembly would.
    response.setHeader("content-type", types[extname(path)] ?? "application/octet-stream");
    response.setHeader("content-security-policy", contentSecurityPolicy);
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const url = `http://127.0.0.1:${server.address().port}/some/where/index.html`;
    expect(await resultAt(url)).toBe(expected());
  } finally {
    server.close();
  }
});

test("a Vite project: dev, and build with preview under a sub-path", {
  timeout: LONG,
}, async () => {
  const root = join(folder, "vite");
  await mkdir(join(root, "public"), { recursive: true });
  await writeFile(join(root, "public/doubling.nnef.tar"), doubling);
  await writeFile(
    join(root, "index.html"),
    `<!doctype html><script type="module" src="./main.js"></script>`,
  );
  await writeFile(
    join(root, "main.js"),
    `${use("archive").replace("const x", `const archive = import.meta.env.BASE_URL + "doubling.nnef.tar";\nconst x`)}
globalThis.result = result;`,
  );
  const config = {
    root,
    configFile: false,
    logLevel: "silent",
    build: { target: "esnext", assetsInlineLimit: 0 },
    worker: { format: "es" },
    optimizeDeps: { exclude: ["tract-wasm"] },
  };
  const dev = await createVite({
    ...config,
    server: { port: 0, host: "127.0.0.1", fs: { strict: false } },
  });
  await dev.listen();
  try {
    expect(await resultAt(dev.resolvedUrls.local[0])).toBe(expected());
  } finally {
    await dev.close();
  }
  await build({ ...config, base: "/some/where/" });
  const built = await preview({
    ...config,
    base: "/some/where/",
    preview: { port: 0, host: "127.0.0.1" },
  });
  try {
    expect(await resultAt(built.resolvedUrls.local[0])).toBe(expected());
  } finally {
    await built.close();
  }
});
