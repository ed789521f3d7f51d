import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { inRoot } from "../../setup/paths.mjs";

/** @param {string} file */
const read = (file) => readFile(inRoot(file), "utf8");

/** What is wrong with package-lock.json: each package by its SHA-512, from no address of its own. @param {string} text */
function npmProblems(text) {
  const { packages } = JSON.parse(text);
  const problems = Object.entries(packages).flatMap(([path, entry]) => {
    if (!path.includes("node_modules/")) return [];
    const { integrity, resolved, link, hasInstallScript } = entry;
    if (link) return packages[""].workspaces.includes(resolved) ? [] : [`${path}: outside`];
    return [
      ...(/^sha512-[\w+/]{86}==$/.test(integrity ?? "") ? [] : [`${path}: no SHA-512`]),
      ...(resolved === undefined ? [] : [`${path}: an address`]),
      ...(hasInstallScript ? [`${path}: an install script`] : []),
    ];
  });
  return { count: Object.keys(packages).length, problems };
}

const cratesIo = "registry+https://github.com/rust-lang/crates.io-index";

/** What is wrong with Cargo.lock: each crate from crates.io by its SHA-256, or one of ours. @param {string} text @param {readonly string[]} own */
function cargoProblems(text, own) {
  const entries = text.split("[[package]]").slice(1);
  const problems = entries.flatMap((entry) => {
    const field = (/** @type {string} */ name) =>
      new RegExp(`^${name} = "(.*)"$`, "m").exec(entry)?.[1] ?? "";
    if (field("source") === "" && own.includes(field("name"))) return [];
    return [
      ...(field("source") === cratesIo ? [] : [`${field("name")}: another source`]),
      ...(/^[0-9a-f]{64}$/.test(field("checksum")) ? [] : [`${field("name")}: no SHA-256`]),
    ];
  });
  return { count: entries.length, problems };
}

const requirement =
  /^([a-z\d][a-z\d.-]*)==(\S+)(?: ; (?:(?! --).)+?)?((?: +--hash=sha256:[\da-f]{64})+)\s*$/;

/** What is wrong with requirements.lock: each line one version by its SHA-256; no option or address. @param {string} text */
function pythonProblems(text) {
  const lines = text.replace(/\\\r?\n/g, " ").split(/\r?\n/);
  const entries = lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
  return {
    count: entries.length,
    problems: entries.filter((line) => !requirement.test(line)).map((line) => line.slice(0, 80)),
  };
}

test("every locked package has a digest and no address", async () => {
  const manifests = [".", "module", "rows", "src/workarounds/fourier", "tests/kernels"].map(
    (folder) => `wasm/${folder}/Cargo.toml`,
  );
  const own = (await Promise.all(manifests.map(read))).map(
    (manifest) => /^name = "(.*)"$/m.exec(manifest)?.[1] ?? "",
  );
  for (const { count, problems } of [
    npmProblems(await read("package-lock.json")),
    cargoProblems(await read("wasm/Cargo.lock"), own),
    pythonProblems(await read("requirements.lock")),
  ]) {
    expect(problems).toEqual([]);
    expect(count).toBeGreaterThan(90);
  }
});

const sha512 = `sha512-${"A".repeat(86)}==`;

test.each([
  ["no digest", { integrity: undefined }],
  ["a digest that can be forged", { integrity: "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }],
  ["an address", { resolved: "https://example.org/b.tgz" }],
  ["a script at install", { hasInstallScript: true }],
  ["a link out of the repository", { link: true, resolved: "../b" }],
])("package-lock.json: %s is found", (_what, entry) => {
  const packages = {
    "": { workspaces: ["web"] },
    "node_modules/@a/b": { version: "1.0.0", integrity: sha512, ...entry },
  };
  expect(npmProblems(JSON.stringify({ packages })).problems).toHaveLength(1);
});

const checksum = `checksum = "${"a".repeat(64)}"`;

test.each([
  ["no digest", [`source = "${cratesIo}"`]],
  ["a repository", ['source = "git+https://example.org/b"', checksum]],
  ["another registry", ['source = "registry+https://example.org/index"', checksum]],
  ["a folder that is not ours", [checksum]],
])("Cargo.lock: %s is found", (_what, lines) => {
  const text = ["[[package]]", 'name = "b"', 'version = "1.0.0"', ...lines].join("\n");
  expect(cargoProblems(text, ["own"]).problems).toHaveLength(1);
});

const hash = `--hash=sha256:${"a".repeat(64)}`;

test.each([
  ["no digest", "b==1.0"],
  ["a digest that can be forged", "b==1.0 --hash=md5:aaaa"],
  ["any version", `b>=1.0 ${hash}`],
  ["an address", `b @ https://example.org/b.whl ${hash}`],
  ["another index", "--extra-index-url https://example.org"],
  ["a folder", "-e ."],
])("requirements.lock: %s is found", (_what, line) => {
  expect(pythonProblems(`${line}\n`).problems).toHaveLength(1);
});
