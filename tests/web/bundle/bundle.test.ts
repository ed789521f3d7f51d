import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { manifestSources } from "../../../web/build/manifest-types.mjs";
import { BundleError, type BundleErrorCode } from "../../../web/src/base/errors.js";
import { audioModel } from "../../../web/src/bundle/audio-model.js";
import { loadBundle, parseManifest } from "../../../web/src/bundle/load.js";
import { schema } from "../../../web/src/bundle/schema.js";
import { keywords, violation } from "../../../web/src/bundle/validate.js";
import { older } from "../../../web/src/bundle/version.js";

const archive = Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3);
const sha256 = createHash("sha256").update(archive).digest("hex");

/** A manifest that is valid, as plain data to be broken. */
function manifest() {
  return {
    schema: 1,
    id: "some-vad",
    title: "A model that finds speech",
    source: { model: "made for this test", weights: "none" },
    licence: { name: "MIT" },
    quality: { untrained: true } as object,
    engine: { made: "0.23.9", oldest: "0.23.9" },
    symbols: ["T"],
    asserts: ["T >= 1"],
    modes: { one: ["T==1"] } as Record<string, string[]>,
    inputs: [{ name: "input", fact: "T,512,f32" }],
    outputs: [{ name: "p", fact: "T,1,f32" }],
    pulses: [
      {
        file: "pulse-T1.nnef.tgz",
        symbol: "T",
        pulse: 1,
        delay: 0,
        inputAxes: [0],
        outputAxes: [0],
        warmUp: 0,
      },
    ],
    audio: { sampleRate: 16000, samplesPerPulse: 512, frontEnd: "none" },
    verified: [
      {
        claim: "whole",
        file: "model.nnef.tgz",
        against: "PyTorch",
        sizes: [{ T: 4 }],
        tolerance: 1e-4,
        largestError: 0,
        comparedLength: 4,
        again: true,
      },
    ],
    files: [
      { path: "model.nnef.tgz", size: archive.length, sha256 },
      { path: "pulse-T1.nnef.tgz", size: archive.length, sha256 },
    ],
  };
}

function parse(value: unknown) {
  return parseManifest(
    new TextEncoder().encode(JSON.stringify(value)),
    "https://host/b/manifest.json",
  );
}

function thrown(action: () => unknown): BundleError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(BundleError);
    return error as BundleError;
  }
  throw new Error("nothing was thrown");
}

describe("the contract", () => {
  it("is what the committed types and checks were made from", { timeout: 60_000 }, async () => {
    for (const [path, text] of Object.entries(await manifestSources())) {
      const committed = await readFile(
        new URL(`../../../web/src/${path}`, import.meta.url),
        "utf8",
      );
      expect(text, `${path}: run npm run manifest-types -w web`).toBe(committed);
    }
  });

  it("uses only keywords the check knows", () => {
    const known = keywords();
    const unknown = new Set<string>();
    walk(schema as Record<string, unknown>);
    expect([...unknown]).toEqual([]);

    function walk(node: Record<string, unknown>): void {
      for (const [key, value] of Object.entries(node)) {
        if (!known.includes(key)) unknown.add(key);
        const maps = ["properties", "$defs"].includes(key);
        const inner = maps ? Object.values(value as object) : [value].flat();
        if (key !== "const" && key !== "enum" && key !== "required") {
          for (const one of inner)
            if (typeof one === "object" && one !== null) walk(one as Record<string, unknown>);
        }
      }
    }
  });
});

describe("parseManifest", () => {
  it("takes a valid manifest", () => {
    expect(parse(manifest())).toEqual(manifest());
    const { quality: _, ...bare } = manifest();
    expect(() => parse(bare)).not.toThrow();
  });

  it("names each field that is missing", () => {
    for (const name of [
      "schema",
      "id",
      "title",
      "source",
      "licence",
      "engine",
      "symbols",
      "asserts",
      "modes",
      "inputs",
      "outputs",
      "pulses",
      "verified",
      "files",
    ]) {
      const { [name as "id"]: _, ...rest } = manifest();
      const error = thrown(() => parse(rest));
      expect(error).toMatchObject({ code: "manifest-invalid", field: name });
      expect(error.message).toContain(name);
    }
  });

  it.each<[string, (broken: ReturnType<typeof manifest>) => void]>([
    ["extra", (broken) => Object.assign(broken, { extra: 1 })],
    ["schema", (broken) => Object.assign(broken, { schema: 2 })],
    ["id", (broken) => Object.assign(broken, { id: "../up" })],
    ["title", (broken) => Object.assign(broken, { title: "" })],
    ["engine.oldest", (broken) => Object.assign(broken.engine, { oldest: "soon" })],
    ["symbols", (broken) => broken.symbols.push("T")],
    ["symbols[1]", (broken) => broken.symbols.push("1T")],
    ["modes.one", (broken) => Object.assign(broken.modes, { one: [] })],
    ["modes.no-name", (broken) => Object.assign(broken.modes, { "no-name": ["T==1"] })],
    ["inputs", (broken) => broken.inputs.pop()],
    [
      "inputs[0].fact",
      (broken) => Object.assign(broken.inputs[0] as object, { fact: "T,512,F32" }),
    ],
    ["pulses[0].delay", (broken) => Object.assign(broken.pulses[0] as object, { delay: -1 })],
    ["pulses[0].delay", (broken) => Object.assign(broken.pulses[0] as object, { delay: 0.5 })],
    [
      "pulses[0].file",
      (broken) => broken.files.pop() && broken.files.push({ path: "else", size: 1, sha256 }),
    ],
    ["audio.samplesPerPulse", (broken) => Object.assign(broken.audio, { samplesPerPulse: 0 })],
    [
      "verified[0].sizes[0].T",
      (broken) => Object.assign(broken.verified[0]?.sizes[0] as object, { T: "4" }),
    ],
    [
      "verified[0].tolerance",
      (broken) => Object.assign(broken.verified[0] as object, { tolerance: 0 }),
    ],
    [
      "files[0].path",
      (broken) => Object.assign(broken.files[0] as object, { path: "../model.nnef.tgz" }),
    ],
    [
      "files[0].path",
      (broken) => Object.assign(broken.files[0] as object, { path: "manifest.json" }),
    ],
    ["files[0].sha256", (broken) => Object.assign(broken.files[0] as object, { sha256: "00" })],
    [
      "quality.measure",
      (broken) => Object.assign(broken, { quality: { data: "d", figure: 1, claimedBy: "c" } }),
    ],
    ["licence", (broken) => Object.assign(broken, { licence: "MIT" })],
  ])("refuses a manifest whose %s is wrong", (field, breaking) => {
    const broken = manifest();
    breaking(broken);
    expect(thrown(() => parse(broken))).toMatchObject({ code: "manifest-invalid", field });
  });

  it("refuses what is no JSON", () => {
    const cut = new TextEncoder().encode(JSON.stringify(manifest()).slice(0, 100));
    expect(thrown(() => parseManifest(cut, "m")).code).toBe("manifest-unreadable");
  });

  it("treats names of Object.prototype as any other", () => {
    expect(violation({ toString: 1 }, { additionalProperties: false })).toMatchObject({
      field: "toString",
    });
    expect(violation({}, { required: ["constructor"] })).toMatchObject({ field: "constructor" });
  });
});

it("orders versions by their numbers", () => {
  expect(older("0.23.8", "0.23.9")).toBe(true);
  expect(older("0.23.9", "0.23.9")).toBe(false);
  expect(older("0.23.10", "0.23.9")).toBe(false);
  expect(older("0.9.0", "0.23.0")).toBe(true);
  expect(older("1.0.0", "0.23.9-pre.1")).toBe(false);
});

describe("loadBundle", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  type Answer = { status?: number; body: Uint8Array | string };

  function serve(files: Record<string, Answer>): void {
    vi.stubGlobal("location", { href: "https://host/page/" });
    vi.stubGlobal("fetch", async (url: URL) => {
      const answer = files[url.pathname];
      if (answer === undefined) throw new TypeError("network down");
      const body = typeof answer.body === "string" ? answer.body : new Uint8Array(answer.body);
      return new Response(body, { status: answer.status ?? 200 });
    });
  }

  const good = { body: JSON.stringify(manifest()) };

  it.each(["bundles/b", "bundles/b/", "/page/bundles/b"])(
    "finds %s relative to the page",
    async (folder) => {
      serve({
        "/page/bundles/b/manifest.json": good,
        "/page/bundles/b/model.nnef.tgz": { body: archive },
      });
      const bundle = await loadBundle(folder);
      expect(await bundle.file("model.nnef.tgz")).toEqual(archive);
      expect(audioModel(bundle)).toMatchObject({
        sampleRate: 16000,
        pulseSamples: 512,
        delayFrames: 0,
      });
    },
  );

  it.each<[BundleErrorCode, Answer]>([
    ["file-missing", { status: 404, body: "no" }],
    ["file-is-page", { body: "<!DOCTYPE html><html>" }],
    ["manifest-unreadable", { body: "{" }],
    ["manifest-invalid", { body: "[]" }],
  ])("tells %s of the manifest", async (code, answer) => {
    serve({ "/page/b/manifest.json": answer });
    await expect(loadBundle("b")).rejects.toMatchObject({
      code,
      file: "https://host/page/b/manifest.json",
    });
  });

  it("tells a network that is down", async () => {
    serve({});
    await expect(loadBundle("b")).rejects.toMatchObject({ code: "file-unreachable" });
  });

  const changed = archive.map((byte, at) => (at === 5 ? 9 : byte));
  it.each<[BundleErrorCode, Answer]>([
    ["file-missing", { status: 404, body: "<html>" }],
    ["file-is-page", { body: "  <html><body>not here</body></html>" }],
    ["file-cut", { body: archive.subarray(0, 4) }],
    ["file-cut", { body: "" }],
    ["file-wrong-kind", { body: Uint8Array.of(1, 2, 3, 4, 5, 6, 7) }],
    ["file-changed", { body: changed }],
    ["file-changed", { body: Uint8Array.of(...archive, 0) }],
  ])("tells %s of a file, naming it", async (code, answer) => {
    serve({ "/page/b/manifest.json": good, "/page/b/model.nnef.tgz": answer });
    const bundle = await loadBundle("b");
    const error: BundleError = await bundle.file("model.nnef.tgz").catch((one) => one);
    expect(error).toMatchObject({ code, file: "https://host/page/b/model.nnef.tgz" });
    expect(error.message).toContain("model.nnef.tgz");
  });

  it("takes an archive the server unpacked on its way", async () => {
    const tar = new Uint8Array(512);
    tar.set(new TextEncoder().encode("ustar"), 257);
    serve({ "/page/b/manifest.json": good, "/page/b/model.nnef.tgz": { body: tar } });
    expect(await (await loadBundle("b")).file("model.nnef.tgz")).toEqual(tar);
  });

  it("refuses a bundle that takes no sound", async () => {
    const { audio: _, ...silent } = manifest();
    serve({ "/page/b/manifest.json": { body: JSON.stringify(silent) } });
    const bundle = await loadBundle("b");
    expect(thrown(() => audioModel(bundle)).code).toBe("not-for-audio");
  });
});
