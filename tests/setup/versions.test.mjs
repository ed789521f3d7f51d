import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { inRoot } from "../../setup/paths.mjs";
import {
  compareVersions,
  nodeRange,
  pythonVersions,
  satisfies,
} from "../../setup/preflight/versions.mjs";

test.each([
  ["20.18.9", false],
  ["20.19.0", true],
  ["20.20.2", true],
  ["21.7.3", false],
  ["22.11.0", false],
  ["22.12.0", true],
  ["24.0.0", true],
])("Node %s: %s", async (version, expected) => {
  expect(satisfies(version, await nodeRange())).toBe(expected);
});

test("versions compare by number, not by letter", () => {
  expect(compareVersions("1.91", "1.100.0")).toBeLessThan(0);
  expect(compareVersions("3.11", "3.11.0")).toBe(0);
  expect(compareVersions("2.0.0", "1.99.99")).toBeGreaterThan(0);
});

test("a range that is not understood is an error, not a pass", () => {
  expect(() => satisfies("20.0.0", "~20")).toThrow("not understood");
});

/** @param {string} path */
const text = (path) => readFile(inRoot(path), "utf8");

test("the packages and the crate carry one version", async () => {
  const versions = {
    ...Object.fromEntries(
      await Promise.all(
        ["package.json", "wasm/package.json", "web/package.json"].map(async (path) => [
          path,
          JSON.parse(await text(path)).version,
        ]),
      ),
    ),
    "wasm/Cargo.toml": /^version = "(.+)"$/m.exec(await text("wasm/Cargo.toml"))?.[1],
    "pyproject.toml": /^version = "(.+)"$/m.exec(await text("pyproject.toml"))?.[1],
  };
  expect(new Set(Object.values(versions)), JSON.stringify(versions)).toHaveProperty("size", 1);
});

test("the engine in the browser and the engine of the exporter are the same tract", async () => {
  const locked = /^tract==(\S+)/m.exec(await text("requirements.lock"))?.[1];
  const crate = /^name = "tract-core"\nversion = "(.+)"$/m.exec(await text("wasm/Cargo.lock"))?.[1];
  expect(crate).toBe(locked);
  expect(await text("pyproject.toml")).toContain(`"tract==${locked}"`);
});

test("npm packages ask for the Node the repository asks for", async () => {
  for (const path of ["wasm/package.json", "web/package.json"]) {
    expect(JSON.parse(await text(path)).engines?.node, path).toBe(await nodeRange());
  }
});

test("the Python lock says the range set-up looks for", async () => {
  const { least, most } = pythonVersions;
  expect(await text("requirements.lock")).toContain(`for Python ${least} to ${most}`);
});
