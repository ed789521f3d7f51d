import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pages, parts } from "../../../web/build/entries.mjs";
import { sectionsOf } from "../../../web/build/notices/document.mjs";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../../", import.meta.url));
const dist = join(root, "web/dist");

/** A folder of somebody else's, with the package in its node_modules. */
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "nnef-pulse-"));
  await mkdir(join(home, "node_modules"));
  await symlink(join(root, "web"), join(home, "node_modules/nnef-pulse"), "junction");
  await writeFile(join(home, "package.json"), JSON.stringify({ type: "module" }));
});

afterAll(() => rm(home, { recursive: true, force: true }));

describe.skipIf(!existsSync(dist))("the built package", () => {
  it.each(pages)("can be imported on a server: %s", async (name) => {
    const code = `const m = await import("nnef-pulse/${name}"); console.log(Object.keys(m).length > 0)`;
    const { stdout, stderr } = await run(process.execPath, ["--input-type=module", "-e", code], {
      cwd: home,
    });
    expect(stderr).toBe("");
    expect(stdout).toBe("true\n");
  });

  it("copies what a page fetches at run time", async () => {
    const bin = join(root, "web/bin/nnef-pulse.mjs");
    const to = join(home, "public/speech");
    await run(process.execPath, [bin, "copy", to]);
    const fetched = parts
      .map(({ name }) => `${name}.js`)
      .filter((name) => name !== "nnef-pulse.js");
    for (const file of [...fetched, "tract_wasm.wasm", "bundles/silero-vad/manifest.json"]) {
      const [copy, original] = await Promise.all([to, dist].map((at) => readFile(join(at, file))));
      expect(original && copy?.equals(original), file).toBe(true);
    }
    await expect(run(process.execPath, [bin, "copy"])).rejects.toMatchObject({ code: 2 });
    await expect(run(process.execPath, [bin, "copy", join(bin, "x")])).rejects.toMatchObject({
      code: 1,
    });
  });

  it("installs at most 9 MB, and no other package", async () => {
    const { stdout } = await run("npm", ["pack", "--dry-run", "--json"], {
      cwd: join(root, "web"),
      shell: process.platform === "win32",
    });
    const [{ unpackedSize }] = JSON.parse(stdout);
    expect(unpackedSize).toBeGreaterThan(5_000_000);
    expect(unpackedSize).toBeLessThanOrEqual(9_000_000);
    const manifest = JSON.parse(await readFile(join(root, "web/package.json"), "utf8"));
    expect(manifest.dependencies).toBeUndefined();
  });

  it("has every file its package.json names", async () => {
    const { exports } = JSON.parse(await readFile(join(root, "web/package.json"), "utf8"));
    const named = JSON.stringify(exports).match(/\.\/dist\/[^"*]+(?=")/g) ?? [];
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((file: string) => !existsSync(join(root, "web", file)))).toEqual([]);
  });

  it("names the packages its sources import and what those need, the engine's parts, and no more", async () => {
    const read = (path: string) => readFile(join(root, path), "utf8");
    const named = (list: string) => sectionsOf(list).map((each) => each.split("\n", 1)[0] ?? "");
    const ofEngine = named(await read("wasm/dist/THIRD-PARTY.txt"));
    const all = named(await read("web/dist/THIRD-PARTY.txt"));
    expect(all).toEqual(expect.arrayContaining(ofEngine));
    const bundled = all.filter((name) => !ofEngine.includes(name));

    const imported = new Set<string>();
    for (const file of await readdir(join(root, "web/src"), { recursive: true })) {
      if (!/\.(ts|css)$/.test(file)) continue;
      const code = await read(`web/src/${file}`);
      for (const [, name = ""] of code.matchAll(/url\("(@[\w-]+\/[\w-]+)\//g)) imported.add(name);
      for (const [, name = ""] of code.matchAll(
        /^(?:import|\} from|.* from) "(@[\w-]+\/[\w-]+|[\w-]+)[/"]/gm,
      ))
        if (!["tract-wasm", "react"].includes(name)) imported.add(name);
    }
    const { packages } = JSON.parse(await read("package-lock.json"));
    const entry = (name: string) => packages[`node_modules/${name}`];
    const nameOf = (name: string) => `${name} ${entry(name).version}`;
    expect(bundled).toEqual(expect.arrayContaining([...imported].map(nameOf)));
    for (const name of imported)
      for (const next of Object.keys(entry(name).dependencies ?? {})) imported.add(next);
    expect([...imported].map(nameOf)).toEqual(expect.arrayContaining(bundled));
  });

  it("has every file its style sheets name", async () => {
    const styles = (await readdir(dist, { recursive: true })).filter((name) =>
      name.endsWith(".css"),
    );
    expect(styles).toContain(join("look", "fonts.css"));
    for (const style of styles) {
      const text = await readFile(join(dist, style), "utf8");
      for (const [, url, sheet] of text.matchAll(/url\("([^"]+)"\)|@import "([^"]+)"/g)) {
        const address = url ?? sheet ?? "";
        expect(address, style).toMatch(/^\.{1,2}\//);
        expect(existsSync(join(dist, style, "..", address)), `${style}: ${address}`).toBe(true);
      }
    }
  });

  it("tells every bundler to leave imports alone whose address is known only at run time", async () => {
    const unknown = /import\((?!\s*["'`][^"'`$]+["'`]\s*\))[^)]*\)/g;
    let count = 0;
    for (const file of (await readdir(dist)).filter((name) => name.endsWith(".js"))) {
      const code = await readFile(join(dist, file), "utf8");
      for (const [call] of code.matchAll(unknown)) {
        count++;
        for (const word of ["@vite-ignore", "webpackIgnore: true", "turbopackIgnore: true"])
          expect(call, file).toContain(word);
      }
    }
    expect(count).toBeGreaterThan(0);
  });

  it("starts no code from text, blob: or data:", async () => {
    for (const file of (await readdir(dist)).filter((name) => name.endsWith(".js"))) {
      const code = await readFile(join(dist, file), "utf8");
      const suspect = /\beval\(|new Function\(|new (Shared)?Worker\(["'`](blob|data):/;
      expect(suspect.test(code), file).toBe(false);
    }
  });

  it("is written in no newer JavaScript than the browsers it is for", async () => {
    for (const file of (await readdir(dist)).filter((name) => name.endsWith(".js"))) {
      const code = await readFile(join(dist, file), "utf8");
      expect(/\b(await )?using [\w$]+ ?=/.test(code), file).toBe(false);
    }
  });

  it.each(parts.map(({ name }) => name))(
    "has %s whole in one file, too large for a bundler to inline",
    async (name) => {
      const file = join(dist, `${name}.js`);
      expect((await stat(file)).size).toBeGreaterThan(4096);
      const code = await readFile(file, "utf8");
      expect(/\bfrom\s*["'`]|\bimport\s*\(?["'`]\.{1,2}\//.test(code)).toBe(false);
    },
  );

  it("has types a strict program can use, and that refuse what is wrong", {
    timeout: 60_000,
  }, async () => {
    await writeFile(
      join(home, "use.ts"),
      `import { Vad, CaptureError, type Session, type SpeechAudio } from "nnef-pulse/vad";
       import { speechSegments } from "nnef-pulse/segmenter";
       const vad = await Vad.open({ threshold: 0.6, bundle: "bundles/silero-vad" });
       const session: Session = await vad.listen({ constraints: { echoCancellation: false } });
       session.addEventListener("speechend", (event) => {
         const audio: SpeechAudio = event.audio;
         const same: number = event.detail.start + event.start;
         void audio.toWav(); void same;
       });
       for await (const event of session.events()) {
         if (event.type === "probability") event.p.toFixed(2);
         if (event.type === "error" && event.error instanceof CaptureError) event.error.code satisfies string;
         // @ts-expect-error a probability carries no audio
         if (event.type === "probability") event.audio;
       }
       import { NnefInspector } from "nnef-pulse/inspector";
       import type { useVad } from "nnef-pulse/react";
       const inspector: NnefInspector = document.createElement("nnef-inspector");
       inspector.requestUpdate();
       const hook: ReturnType<typeof useVad>["state"] = "off"; void hook;
       const [first] = speechSegments([0.1, 0.9], { sampleRate: 16000, maxSpeechMs: Infinity });
       first?.end.toFixed();
       // @ts-expect-error the name is misspelt
       await Vad.open({ treshold: 0.6 });
       // @ts-expect-error the rate is missing
       speechSegments([], {});
      `,
    );
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      target: "ES2022",
      module: "ESNext",
      moduleResolution: "Bundler",
      lib: ["ES2022", "DOM", "DOM.Iterable"],
      types: [],
      noEmit: true,
    };
    await writeFile(
      join(home, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: ["use.ts"] }),
    );
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = await run(process.execPath, [tsc, "-p", home]).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).toBe("");
  });
});
