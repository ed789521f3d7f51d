import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, type Page, test } from "@playwright/test";
import { inRoot, inVenv } from "../../../setup/paths.mjs";
import { which } from "../../../setup/which.mjs";
import { makeFolder } from "../../../web/build/folder.mjs";
import { fileName, sectionsOf } from "../../../web/build/notices/document.mjs";
import { zip } from "../../../web/site/build/zip.mjs";
import { openCorePage } from "./page.js";

/** What web/docs/hosting.md says, done to the letter on this machine. */

const run = promisify(execFile);
let home: string;

test.describe.configure({ mode: "serial" });

test.beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "nnef-pulse-hosts-"));
  await makeFolder(pathToFileURL(join(home, "site/nnef-vad/")));
  await writeFile(join(home, "site/index.html"), await shown("html"));
});

test.afterAll(() => rm(home, { recursive: true, force: true }));

/** The first block of a language in the page. */
async function shown(language: string): Promise<string> {
  const page = await readFile(inRoot("web/docs/hosting.md"), "utf8");
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(page)?.[1];
  if (block === undefined) throw new Error(`hosting.md shows no ${language}`);
  return block;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

/** Opens a page that holds the element, and hears with it. */
async function hears(page: Page, address: string) {
  await page.goto(address);
  const element = page.locator("nnef-vad").first();
  await element.evaluate((vad) => {
    const heard: number[] = [];
    vad.addEventListener("probability", () => heard.push(1));
    Object.assign(globalThis, { heard });
  });
  await element.getByRole("button", { name: "Listen" }).click();
  await expect.poll(() => page.evaluate("heard.length")).toBeGreaterThan(10);
}

test("the folder names whose software it holds, its fonts' too", async () => {
  const read = (path: string) => readFile(path, "utf8");
  const list = sectionsOf(await read(join(home, "site/nnef-vad", fileName)));
  const library = sectionsOf(await read(inRoot("web/dist", fileName)));
  expect(list).toEqual(expect.arrayContaining(library));
  for (const family of ["mono", "sans"]) {
    const start = `@fontsource/ibm-plex-${family} `;
    expect(list.find((each) => each.startsWith(start))).toContain("SIL OPEN FONT LICENSE");
  }
});

test("nginx, with the lines shown", async () => {
  const nginx = which("nginx") ?? which("nginx", "/usr/sbin");
  test.skip(nginx === undefined, "nginx is not installed here: sudo apt-get install nginx-light");
  const port = await freePort();
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(home, name)};`,
  );
  const config = join(home, "nginx.conf");
  await writeFile(
    config,
    `daemon off; pid ${join(home, "nginx.pid")}; error_log stderr;
     events {}
     http {
       access_log off; log_not_found off; ${temporary.join(" ")}
       server { listen 127.0.0.1:${port}; root ${join(home, "site")}; types { text/html html; }
         ${await shown("nginx")}
       }
     }`,
  );
  // As root nginx gives its workers another user, who has no way into a temporary folder.
  const user = process.getuid?.() === 0 ? ["-g", "user root;"] : [];
  const server = spawn(nginx as string, ["-c", config, "-e", "stderr", ...user], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await expect.poll(() => answers(port)).toBe(true);
  const site = `http://127.0.0.1:${port}/`;
  const engine = await fetch(`${site}nnef-vad/tract_wasm.wasm`);
  expect(engine.headers.get("content-type")).toBe("application/wasm");
  expect(engine.headers.get("content-encoding")).toBe("gzip");
  const { page, complaints, close } = await openCorePage();
  await hears(page, site);
  await hears(page, `${site}nnef-vad/vad.html`);
  expect(complaints).toEqual([]);
  await close();
  server.kill();
  await once(server, "exit");
});

/** A bucket: names and bytes, each with the type it was uploaded with; no folders, no index, no headers of one's own. */
async function bucket(folder: string): Promise<{ url: string; server: Server }> {
  const guessed: Record<string, string> = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".wasm": "application/wasm",
  };
  const names = await readdir(folder, { recursive: true });
  const server = createServer(async (request, response) => {
    const name = decodeURIComponent((request.url ?? "/").slice(1).split("?")[0] ?? "");
    const body = names.includes(name)
      ? await readFile(join(folder, name)).catch(() => undefined)
      : undefined;
    if (body === undefined)
      response.writeHead(404, { "content-type": "application/xml" }).end("<Error/>");
    else
      response
        .writeHead(200, { "content-type": guessed[extname(name)] ?? "application/octet-stream" })
        .end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

test("a bucket, its frame in a page of another origin", async () => {
  const { url, server } = await bucket(join(home, "site"));
  const { page, complaints, close } = await openCorePage();
  await hears(page, `${url}nnef-vad/vad.html`);
  const frame = `<iframe src="${url}nnef-vad/vad.html" allow="microphone" width="100%" height="230"></iframe>`;
  const around = createServer((_request, response) => {
    response.setHeader("content-type", "text/html").end(`<!doctype html><script>
      const told = []; addEventListener("message", ({ data }) => told.push(data.type));
      </script>${frame}`);
  });
  await new Promise<void>((listening) => around.listen(0, "127.0.0.1", listening));
  await page.goto(`http://127.0.0.1:${(around.address() as AddressInfo).port}/`);
  await page.frameLocator("iframe").getByRole("button", { name: "Listen" }).click();
  await expect
    .poll(() => page.evaluate("told.filter((type) => type === 'probability').length"))
    .toBeGreaterThan(10);
  expect(complaints).toEqual([]);
  await close();
  for (const each of [server, around]) {
    each.close();
    each.closeAllConnections();
  }
});

test("the workflow: valid, and its steps make the site out of an empty clone", async () => {
  test.skip(
    which("unzip") === undefined,
    "unzip is not installed here: sudo apt-get install unzip",
  );
  const workflow = join(home, "pages.yml");
  await writeFile(workflow, await shown("yaml"));
  const read =
    "import json, sys, yaml; print(json.dumps(yaml.load(open(sys.argv[1]), yaml.BaseLoader)))";
  const { stdout } = await run(inVenv("python"), ["-c", read, workflow]);
  const { on, permissions, jobs } = JSON.parse(stdout);
  expect(on).toEqual({ push: { branches: ["main"] } });
  expect(permissions).toMatchObject({ pages: "write", "id-token": "write" });
  const { steps, environment } = jobs.pages;
  expect(environment).toBe("github-pages");
  const uses = steps.map((step: { uses?: string }) => step.uses?.split("@")[0]).filter(Boolean);
  expect(uses).toEqual([
    "actions/checkout",
    "actions/upload-pages-artifact",
    "actions/deploy-pages",
  ]);
  for (const step of steps) expect(Object.keys(step)).not.toHaveLength(0);

  const repository = join(home, "repository");
  await mkdir(repository);
  const names = await readdir(join(home, "site/nnef-vad"), {
    recursive: true,
    withFileTypes: true,
  });
  const files = names
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return { path: path.slice(join(home, "site/").length), bytes: await readFile(path) };
    });
  await writeFile(join(repository, "nnef-vad.zip"), zip(await Promise.all(files)));
  await cp(join(home, "site/index.html"), join(repository, "index.html"));
  const git = (...args: string[]) =>
    run("git", ["-c", "user.name=me", "-c", "user.email=me@example.org", ...args], {
      cwd: repository,
    });
  await git("init", "--quiet");
  await git("add", ".");
  await git("commit", "--quiet", "--message", "site");
  const clone = join(home, "clone");
  await git("clone", "--quiet", repository, clone);
  for (const { run: line } of steps) {
    if (line !== undefined) await run("sh", ["-e", "-c", line], { cwd: clone });
  }
  const uploaded = steps.find((step: { with?: { path?: string } }) => step.with?.path).with.path;
  const { url, server } = await bucket(join(clone, uploaded));
  const { page, complaints, close } = await openCorePage();
  await hears(page, `${url}index.html`);
  expect(complaints).toEqual([]);
  await close();
  server.close();
  server.closeAllConnections();
});
