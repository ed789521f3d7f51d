import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { expect, test } from "vitest";
import { inRoot } from "../../setup/paths.mjs";
import { requirePython } from "../../setup/steps/python.mjs";

const files = execFileSync(
  "git",
  ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
  {
    cwd: inRoot(),
    encoding: "utf8",
  },
)
  .split("\0")
  .filter((path) => path && existsSync(inRoot(path)));

const read = (/** @type {string} */ path) => readFileSync(inRoot(path), "utf8");

/** Files that a tool of this repository writes. */
const generated = ["web/src/bundle/manifest.ts"];

test("no source file is longer than 300 lines", () => {
  const sources = files.filter((path) => /\.(py|ts|tsx|mjs|js|rs|css|html|lark)$/.test(path));
  const long = sources
    .filter((path) => !generated.includes(path))
    .map((path) => ({ path, lines: read(path).split("\n").length - 1 }))
    .filter(({ lines }) => lines > 300);
  expect(long).toEqual([]);
});

test("no folder holds more than 14 files", () => {
  const counts = new Map();
  for (const path of files) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > 14)).toEqual([]);
});

/** @typedef {Map<string, Set<string>>} Imports each file with those it imports */

/** One circle, if there is one. @param {Imports} imports @returns {string[]} */
function circle(imports) {
  const finished = new Set();
  /** @param {string} file @param {readonly string[]} above @returns {string[]} */
  const visit = (file, above) => {
    if (above.includes(file)) return [...above.slice(above.indexOf(file)), file];
    if (finished.has(file)) return [];
    for (const next of imports.get(file) ?? []) {
      const found = visit(next, [...above, file]);
      if (found.length > 0) return found;
    }
    finished.add(file);
    return [];
  };
  for (const file of imports.keys()) {
    const found = visit(file, []);
    if (found.length > 0) return found;
  }
  return [];
}

test("a circle is found", () => {
  const imports = new Map([
    ["a", new Set(["b"])],
    ["b", new Set(["c", "d"])],
    ["d", new Set(["b"])],
  ]);
  expect(circle(imports)).toEqual(["b", "d", "b"]);
  imports.set("d", new Set(["c"]));
  expect(circle(imports)).toEqual([]);
});

/** @param {readonly string[]} paths @param {(path: string, text: string) => Iterable<string>} find @returns {Imports} */
const importsOf = (paths, find) =>
  new Map(
    paths.map((path) => [path, new Set([...find(path, read(path))].filter((it) => it !== path))]),
  );

test("no file of TypeScript or JavaScript imports itself by way of others", () => {
  const paths = files.filter((path) => /\.(ts|mjs|js)$/.test(path));
  const known = new Set(paths);
  const imports = importsOf(paths, (path, text) => {
    // Types are erased, and what is imported on demand is there by then.
    const named = text.matchAll(/^(?:import|export)\s(?!type\b)(?:[^;"]*?\sfrom\s)?"(\.[^"]+)"/gm);
    return Array.from(named, ([, name = ""]) => posix.join(posix.dirname(path), name)).flatMap(
      (name) => [name, name.replace(/\.js$/, ".ts")].filter((it) => known.has(it)).slice(0, 1),
    );
  });
  expect([...imports.values()].reduce((sum, { size }) => sum + size, 0)).toBeGreaterThan(300);
  expect(circle(imports)).toEqual([]);
});

const crate = "wasm/src/";

test("no module of the crate uses itself by way of others", () => {
  const paths = files.filter((path) => path.startsWith(crate) && path.endsWith(".rs"));
  const known = new Map(paths.map((path) => [modulePath(path), path]));
  const imports = importsOf(paths, (path, text) => {
    const code = text.replace(/^\s*\/\/.*$/gm, "").split(/^#\[cfg\(test\)\]\nmod /m)[0] ?? "";
    const named = code.matchAll(/\b(crate|super)((?:::\w+)+)(?:::\{([^}]*)\})?/g);
    return Array.from(named).flatMap(([, start, tail = "", group = ""]) => {
      const base = start === "crate" ? "" : modulePath(path).split("::").slice(0, -1).join("::");
      const whole = `${base}${base ? tail : tail.slice(2)}`;
      const names = group ? group.split(",").map((it) => `${whole}::${it.trim()}`) : [whole];
      return names.flatMap((name) => longestKnown(name, known));
    });
  });
  expect(circle(imports)).toEqual([]);
});

/** @param {string} path */
const modulePath = (path) =>
  path
    .slice(crate.length, -".rs".length)
    .replace(/(^|\/)(mod|lib)$/, "")
    .replaceAll("/", "::");

/** @param {string} name @param {Map<string, string>} known @returns {string[]} */
function longestKnown(name, known) {
  const parts = name.split("::");
  for (let count = parts.length; count > 0; count--) {
    const found = known.get(parts.slice(0, count).join("::"));
    if (found) return [found];
  }
  return [];
}

const exporter = "exporter/nnef_pulse";

/** Each imports those before it alone. */
const rooms = ["nnef", "engine", "frontends", "prove", "bundle", "run", "recipes", "cli"];

/** What each file of the exporter imports, as dotted names. @returns {Map<string, string[]>} */
function pythonImports() {
  const paths = files.filter((path) => path.startsWith(`${exporter}/`) && path.endsWith(".py"));
  return new Map(
    paths.map((path) => {
      const text = read(path).replace(/^if TYPE_CHECKING:\n(?: {4}.*\n|\n)+/gm, "");
      const from = text.matchAll(/^\s*from (\S+) import (\([^)]*\)|.*)$/gm);
      const plain = text.matchAll(/^\s*import ([\w.]+)/gm);
      return [
        path,
        [
          ...Array.from(plain, ([, name = ""]) => name),
          ...Array.from(from).flatMap(([, module, names = ""]) =>
            names
              .replace(/[()]|#.*$/gm, "")
              .split(",")
              .map((name) => `${module}.${name.trim().split(" ")[0]}`),
          ),
        ],
      ];
    }),
  );
}

/** @param {string} name dotted @returns {string | undefined} the file of this package that it names */
function pythonFile(name) {
  const parts = name.split(".");
  if (parts[0] !== "nnef_pulse") return undefined;
  for (let count = parts.length; count > 0; count--) {
    const base = join("exporter", ...parts.slice(0, count));
    const found = [`${base}.py`, join(base, "__init__.py")].find((path) => files.includes(path));
    if (found) return found;
  }
  return undefined;
}

/** @param {string} path */
const roomOf = (path) => path.slice(exporter.length + 1).split("/")[0] ?? "";

test("the exporter's rooms import one way", () => {
  const wrong = [...pythonImports()].flatMap(([path, names]) =>
    names
      .map((name) => pythonFile(name))
      .filter((to) => to && rooms.indexOf(roomOf(to)) > rooms.indexOf(roomOf(path)))
      .filter(() => rooms.includes(roomOf(path)))
      .map((to) => `${path} imports ${to}`),
  );
  expect(wrong).toEqual([]);
});

test("no module of the exporter imports itself by way of others", () => {
  const imports = new Map(
    [...pythonImports()].map(([path, names]) => {
      const to = names.map(pythonFile).filter((it) => it !== undefined && it !== path);
      return [path, new Set(/** @type {string[]} */ (to))];
    }),
  );
  // The package loads these when they are first asked for.
  imports.delete(`${exporter}/__init__.py`);
  expect(circle(imports)).toEqual([]);
});

test("only the room engine imports tract; the room nnef imports lark and the standard library", async () => {
  const { program, args } = await requirePython();
  const question = "import sys; print(*sys.stdlib_module_names)";
  const standard = execFileSync(program, [...args, "-c", question], { encoding: "utf8" });
  const inNnef = ["lark", "nnef_pulse.nnef", "nnef_pulse.errors", ...standard.trim().split(" ")];
  const readerOf = (/** @type {string} */ path) => ["nnef", "errors.py"].includes(roomOf(path));
  const wrong = [...pythonImports()].flatMap(([path, names]) =>
    names
      .filter((name) =>
        readerOf(path)
          ? !inNnef.some((it) => `${name}.`.startsWith(`${it}.`))
          : /^tract\b/.test(name) && roomOf(path) !== "engine",
      )
      .map((name) => `${path} imports ${name}`),
  );
  expect(wrong).toEqual([]);
});
