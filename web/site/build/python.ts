import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** What `loadPyodide` fetches. */
const CORE = [
  "pyodide.mjs",
  "pyodide.asm.mjs",
  "pyodide.asm.wasm",
  "python_stdlib.zip",
  "pyodide-lock.json",
];

/**
 * Puts Python into the site: Pyodide from its package, the wheels made by wheels.py, and index.json,
 * which says what there is to load. Beside the bundler's own output: the pages' offline copy must
 * not take it along.
 */
export function python(root: string, out: string): Plugin {
  return {
    name: "python",
    apply: "build",
    closeBundle() {
      const folder = join(out, "python");
      mkdirSync(folder, { recursive: true });
      const pyodide = dirname(createRequire(import.meta.url).resolve("pyodide/package.json"));
      for (const name of CORE) copyFileSync(join(pyodide, name), join(folder, name));
      const program = process.platform === "win32" ? "Scripts/python.exe" : "bin/python";
      const script = join(root, "web/site/build/wheels.py");
      const wheels = execFileSync(join(root, ".venv", program), [script, folder], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
      })
        .trim()
        .split(/\r?\n/);
      const files = [...CORE, ...wheels].map(
        (name) => [name, readFileSync(join(folder, name))] as const,
      );
      const index = {
        wheels,
        bytes: Object.fromEntries(files.map(([name, content]) => [name, gzipSync(content).length])),
      };
      writeFileSync(join(folder, "index.json"), `${JSON.stringify(index, null, 2)}\n`);
    },
  };
}
