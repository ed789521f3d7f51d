import { fileURLToPath } from "node:url";
import { expect, type Page, test } from "@playwright/test";
import { type CorePage, openCorePage } from "./page.js";

let core: CorePage;
let page: Page;

test.beforeEach(async () => {
  core = await openCorePage();
  page = core.page;
});

test.afterEach(async () => {
  await core.close();
  expect(core.complaints).toEqual([]);
});

/** How `Vad.open` fails, and whether a good bundle loads afterwards. */
function failure(options: Record<string, unknown> = { bundle: "bundles/silero-vad" }) {
  return page.evaluate(async (given) => {
    const { Vad, VadError } = await import("./lib/vad.js" as string);
    const error = await Vad.open(given).then(
      () => undefined,
      (one: unknown) => one,
    );
    if (!(error instanceof VadError)) return { name: String(error) };
    const { name, code, message, field, option } = error;
    return { name, code, message, field, option } as Record<string, unknown>;
  }, options);
}

const pulse = "**/bundles/silero-vad/pulse-*.tgz";
const manifest = "**/bundles/silero-vad/manifest.json";

async function served(glob: string): Promise<Buffer> {
  const path = glob.replace("**/", "").replace("*", "T1.nnef");
  return Buffer.from(await (await fetch(new URL(path, page.url()))).arrayBuffer());
}

test("bad bundles give typed errors that name the file, and a good one then loads", async () => {
  const archive = await served(pulse);
  const good = JSON.parse((await served(manifest)).toString());
  const { pulses: _, ...lacking } = good;
  const cases: [string, string, { status?: number; body: Buffer | string }, object][] = [
    ["file-missing", manifest, { status: 404, body: "no" }, {}],
    ["file-is-page", manifest, { body: "<!doctype html>" }, {}],
    ["manifest-unreadable", manifest, { body: "{" }, {}],
    ["manifest-invalid", manifest, { body: JSON.stringify(lacking) }, { field: "pulses" }],
    [
      "engine-too-old",
      manifest,
      { body: JSON.stringify({ ...good, engine: { made: "9.0.0", oldest: "9.0.0" } }) },
      { field: "engine.oldest" },
    ],
    ["file-missing", pulse, { status: 404, body: "no" }, {}],
    ["file-is-page", pulse, { body: "<!doctype html>" }, {}],
    ["file-cut", pulse, { body: archive.subarray(0, 1000) }, {}],
    ["file-wrong-kind", pulse, { body: Buffer.from(archive).fill(0, 0, 2) }, {}],
    ["file-changed", pulse, { body: Buffer.from(archive).fill(0, 5000, 5010) }, {}],
  ];
  for (const [code, glob, answer, more] of cases) {
    await page.route(glob, (route) => route.fulfill(answer));
    const found = await failure();
    expect(found, code).toMatchObject({ name: "BundleError", code, ...more });
    expect(found.message).toContain(
      glob === manifest && code !== "engine-too-old" ? "manifest.json" : "",
    );
    if (code === "file-missing" || code === "file-is-page") {
      expect(found.message).toContain(new URL("bundles/silero-vad/", page.url()).href);
      expect(found.message).toMatch(/\bbundle\b.*\bassets\b/);
    }
    await page.unroute(glob);
  }
  await page.route(pulse, (route) => route.abort());
  expect(await failure()).toMatchObject({ name: "BundleError", code: "file-unreachable" });
  await page.unroute(pulse);
  expect(await failure()).toEqual({ name: "undefined" });
});

test("an archive that is whole but no model is refused by the engine, and told", async () => {
  const good = JSON.parse((await served(manifest)).toString());
  const { gzipSync } = await import("node:zlib");
  const { createHash } = await import("node:crypto");
  const body = gzipSync(Buffer.alloc(1024));
  const { file } = good.pulses[0];
  const entry = {
    path: file,
    size: body.length,
    sha256: createHash("sha256").update(body).digest("hex"),
  };
  const files = good.files.map((one: { path: string }) => (one.path === file ? entry : one));
  await page.route(manifest, (route) =>
    route.fulfill({ body: JSON.stringify({ ...good, files }) }),
  );
  await page.route(pulse, (route) => route.fulfill({ body }));
  const found = await failure();
  expect(found).toMatchObject({ name: "BundleError", code: "model-refused" });
  expect(found.message).toContain(file);
});

test("an engine or worker that is not there", async () => {
  expect(await failure({ engineUrl: "lib/nothing.wasm" })).toMatchObject({
    name: "EngineError",
    code: "engine-unreachable",
  });
  expect(await failure({ engineUrl: "lib/vad.js" })).toMatchObject({
    name: "EngineError",
    code: "engine-unreachable",
  });
  expect(await failure({ workerUrl: "lib/nothing.js" })).toMatchObject({
    name: "EngineError",
    code: "engine-unreachable",
  });
  const told = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const vad = await Vad.open({ workletUrl: "lib/nothing.js" });
    return vad.listen().catch((error: { code: string }) => error.code);
  });
  expect(told).toBe("worklet-failed");
});

test("one folder holds all files, and each that is missing there is told by its URL and the option", async () => {
  const made = fileURLToPath(new URL("../../../web/dist", import.meta.url));
  const copy = await openCorePage({ made });
  try {
    const base = new URL("made/", copy.page.url()).href;
    const asked: string[] = [];
    copy.page.on("request", (request) => asked.push(request.url()));
    const open = (more = {}) =>
      copy.page.evaluate(async (given) => {
        const { Vad } = await import("./lib/vad.js" as string);
        const opening = Vad.open({ assets: "made", ...given }).then((vad: { listen(): unknown }) =>
          vad.listen(),
        );
        return opening.then(
          () => ({ code: "none", message: "" }),
          ({ code, message }: { code: string; message: string }) => ({ code, message }),
        );
      }, more);
    expect(await open()).toMatchObject({ code: "none" });
    const found = asked.filter((url) => /wasm|worker|bundles/.test(url)).sort();
    // A request for a worklet is not told of.
    const files = ["bundles/silero-vad/pulse-T1.nnef.tgz", "engine.worker.js", "tract_wasm.wasm"];
    expect(found).toEqual(files.map((file) => base + file));
    for (const file of files) {
      await copy.page.route(base + file, (route) => route.fulfill({ status: 404, body: "no" }));
      const { code, message } = await open();
      expect([file, code]).toEqual([file, expect.not.stringMatching("none")]);
      expect(message).toContain(base + file);
      expect(message).toMatch(/\boptions?\b.*\bassets\b/);
      await copy.page.unroute(base + file);
    }
    const { code, message } = await open({ workletUrl: "made/none.js" });
    expect(code).toBe("worklet-failed");
    expect(message).toMatch(/\/made\/none\.js .*\bassets\b/);
  } finally {
    await copy.close();
  }
});

test("a browser without SIMD is told so", async () => {
  await page.addInitScript(() => {
    WebAssembly.validate = () => false;
  });
  await page.reload();
  expect(await failure()).toMatchObject({ name: "EngineError", code: "simd-missing" });
});

test("options are validated before anything is fetched", async () => {
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  expect(await failure({ positiveSpeechThreshold: 0.3 })).toMatchObject({
    name: "OptionError",
    code: "option-unknown",
    option: "positiveSpeechThreshold",
  });
  expect(await failure({ threshold: 2 })).toMatchObject({
    code: "option-invalid",
    option: "threshold",
  });
  expect(await failure({ preRollMs: -1 })).toMatchObject({
    code: "option-invalid",
    option: "preRollMs",
  });
  expect(requests.filter((url) => /wasm|worker|bundles/.test(url))).toEqual([]);
});

test("everything comes from the page's own origin, once, and the bundle that ships needs no manifest", async () => {
  const requests: string[] = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  const facts = await page.evaluate(async () => {
    const { Vad } = await import("./lib/vad.js" as string);
    const vad = await Vad.open({ threshold: 0.6 });
    const { manifest, sampleRate, pulseSamples, frameSamples, delayFrames, rules } = vad;
    vad.setOptions({ minSpeechMs: 100 });
    const facts = {
      id: manifest.id,
      licence: manifest.licence.name,
      sampleRate,
      pulseSamples,
      frameSamples,
      delayFrames,
      first: rules,
      second: vad.rules,
    };
    await vad.close();
    await vad.close();
    const late = await vad.listen().catch((error: { code: string }) => error.code);
    return { ...facts, late };
  });
  expect(facts).toMatchObject({
    id: "silero-vad",
    licence: "MIT",
    sampleRate: 16_000,
    pulseSamples: 512,
    frameSamples: 512,
    delayFrames: 0,
    first: { threshold: 0.6, minSpeechMs: 250 },
    second: { threshold: 0.6, minSpeechMs: 100 },
    late: "closed",
  });
  const large = requests.filter((path) => /\.(wasm|tgz)$|worker/.test(path)).sort();
  expect(large).toEqual([
    "/site/lib/bundles/silero-vad/pulse-T1.nnef.tgz",
    "/site/lib/engine.worker.js",
    "/site/lib/tract_wasm.wasm",
  ]);
});
