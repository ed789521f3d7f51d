import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { inRoot } from "../../setup/paths.mjs";

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

const self = "tests/setup/repository.test.mjs";
const sources = files.filter((path) => path !== self && !/\.(wav|png|woff2)$/.test(path));

/** Lines that hold what the pattern says, as "file:line: text". @param {RegExp} pattern @param {string[]} paths */
const linesWith = (pattern, paths) =>
  paths.flatMap((path) =>
    readFileSync(inRoot(path), "utf8")
      .split("\n")
      .flatMap((line, i) =>
        pattern.test(line) ? [`${path}:${i + 1}: ${line.trim().slice(0, 160)}`] : [],
      ),
  );

test("there are files to look at", () => {
  expect(sources.length).toBeGreaterThan(50);
});

test("no file names a folder of somebody's machine", () => {
  const homes = /(^|[\s"'`=(:,])(\/(root|work|Users|home\/\w+)\/|[A-Z]:\\+Users\\)/;
  expect(linesWith(homes, sources)).toEqual([]);
});

test("no file names the host of a package registry", () => {
  const hosts =
    /registry\.npmjs|registry\.yarnpkg|pypi\.org|pythonhosted|static\.crates\.io|index\.crates\.io|static\.rust-lang/;
  expect(linesWith(hosts, sources)).toEqual([]);
});

test("npm dependencies are ranges where a package is published, exact everywhere else", () => {
  const manifests = files.filter((path) => /(^|\/)package\.json$/.test(path));
  const wrong = manifests.flatMap((path) => {
    const {
      dependencies,
      devDependencies,
      private: own,
    } = JSON.parse(readFileSync(inRoot(path), "utf8"));
    const exact = /^\d+\.\d+\.\d+$/;
    const published = own ? exact : /^\^\d+\.\d+\.\d+$/;
    return [
      ...Object.entries(dependencies ?? {}).filter(([, version]) => !published.test(version)),
      ...Object.entries(devDependencies ?? {}).filter(([, version]) => !exact.test(version)),
    ].map(([name, version]) => `${path}: ${name} ${version}`);
  });
  expect(wrong).toEqual([]);
});

test("the Python package gives ranges, but for the two whose versions decide its results", () => {
  const text = readFileSync(inRoot("pyproject.toml"), "utf8");
  const pins = [...text.matchAll(/^ {2}"([\w-]+)==/gm)].map(([, name]) => name);
  expect(pins).toEqual(["tract", "torch_to_nnef"]);
});

test("what is built or downloaded is not committed", () => {
  const products =
    /(^|\/)(dist|dist-pack|target|node_modules|\.venv|\.build)\/|\.(wasm|onnx|safetensors|tgz|whl|dat|pt|jit|so|pyc)$/;
  expect(files.filter((path) => products.test(path))).toEqual([]);
  const large = files.filter((path) => statSync(inRoot(path)).size > 1_000_000);
  expect(large).toEqual([]);
});

test("the policy stands in one place", () => {
  const places = linesWith(
    /default-src /,
    sources.filter((path) => !path.endsWith(".md")),
  );
  expect(places.map((line) => line.split(":")[0])).toEqual(["setup/policy.mjs"]);
});

test("every script of package.json exists", () => {
  const { scripts } = JSON.parse(readFileSync(inRoot("package.json"), "utf8"));
  for (const [name, line] of Object.entries(scripts)) {
    const [, path = ""] = /^node (\S+)$/.exec(line) ?? [];
    expect(existsSync(inRoot(path)), `${name}: ${line}`).toBe(true);
  }
});

test("the npm lock holds every platform's packages, so that npm ci works on each", () => {
  const { packages } = JSON.parse(readFileSync(inRoot("package-lock.json"), "utf8"));
  const names = new Set(Object.keys(packages).map((path) => path.split("node_modules/").at(-1)));
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}))
    .filter((name) => !names.has(name));
  expect(missing).toEqual([]);
});
