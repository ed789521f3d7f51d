import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  advisoriesAbout,
  coveredVersions,
  pythonOrder,
  readAdvisories,
  semanticOrder,
} from "../../setup/audit/advisories.mjs";
import { auditedLocks } from "../../setup/audit/audit.mjs";
import { readCargoLock, readNpmLock, readPythonLock } from "../../setup/audit/locks.mjs";
import { covers } from "../../setup/audit/osv.mjs";
import { termProblems, withLicences } from "../../setup/audit/terms.mjs";
import { emptyFolder } from "./empty-folder.mjs";

test("what this repository locks is pinned, under terms that can be met", async () => {
  for (const [file, { packages, problems }] of Object.entries(await auditedLocks())) {
    expect(problems, file).toEqual([]);
    expect(packages.length, file).toBeGreaterThan(90);
    // Those for other machines are few: the terms of nearly all were looked at.
    const told = packages.filter(({ licence }) => licence !== undefined);
    expect(told.length / packages.length, file).toBeGreaterThan(0.6);
  }
});

const sha512 = `sha512-${"A".repeat(86)}==`;

describe("package-lock.json", () => {
  /** @param {object} entry */
  const withEntry = (entry) => {
    const whole = { version: "1.0.0", integrity: sha512, license: "MIT", ...entry };
    const packages = { "": { workspaces: ["web"] }, web: {}, "node_modules/@a/b": whole };
    return readNpmLock(JSON.stringify({ packages }));
  };

  test("names what it locks", () => {
    const packages = [{ ecosystem: "npm", name: "@a/b", version: "1.0.0", licence: "MIT" }];
    expect(withEntry({})).toEqual({ packages, problems: [] });
    expect(withEntry({ link: true, resolved: "web" }).problems).toEqual([]);
  });

  test.each([
    ["no digest", { integrity: undefined }],
    ["a digest that can be forged", { integrity: "sha1-AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }],
    ["an address", { resolved: "https://example.org/b.tgz" }],
    ["a script at install", { hasInstallScript: true }],
    ["a link out of the repository", { link: true, resolved: "../b" }],
  ])("refuses %s", (_what, entry) => {
    expect(withEntry(entry).problems).toEqual([expect.stringMatching(/^npm: @a\/b /)]);
  });

  test("refuses a licence that is missing", () => {
    expect(termProblems(withEntry({ license: undefined }).packages)).toHaveLength(1);
  });
});

describe("Cargo.lock", () => {
  const cratesIo = 'source = "registry+https://github.com/rust-lang/crates.io-index"';
  const checksum = `checksum = "${"a".repeat(64)}"`;
  /** @param {string[]} lines */
  const withLines = (...lines) =>
    readCargoLock(["[[package]]", 'name = "b"', 'version = "1.0.0"', ...lines].join("\n"), ["own"]);

  test("names what it locks", () => {
    const packages = [{ ecosystem: "crates.io", name: "b", version: "1.0.0" }];
    expect(withLines(cratesIo, checksum)).toEqual({ packages, problems: [] });
    const own = '[[package]]\nname = "own"\nversion = "0.1.0"\n';
    expect(readCargoLock(own, ["own"])).toEqual({ packages: [], problems: [] });
  });

  test.each([
    ["no digest", [cratesIo]],
    ["a repository", ['source = "git+https://example.org/b"', checksum]],
    ["another registry", ['source = "registry+https://example.org/index"', checksum]],
    ["a folder that is not ours", [checksum]],
  ])("refuses %s", (_what, lines) => {
    expect(withLines(...lines).problems).toEqual([expect.stringMatching(/^crates\.io: b /)]);
  });
});

describe("requirements.lock", () => {
  const hash = `--hash=sha256:${"a".repeat(64)}`;

  test("names what it locks", () => {
    const text = `# said by\n#   pip\nb==1.0 \\\n    ${hash} \\\n    ${hash}\nc-d==2.0rc1 ; sys_platform == 'linux' \\\n    ${hash}\n`;
    expect(readPythonLock(text)).toEqual({
      packages: [
        { ecosystem: "PyPI", name: "b", version: "1.0" },
        { ecosystem: "PyPI", name: "c-d", version: "2.0rc1" },
      ],
      problems: [],
    });
  });

  test.each([
    ["no digest", "b==1.0"],
    ["a digest that can be forged", "b==1.0 --hash=md5:aaaa"],
    ["any version", `b>=1.0 ${hash}`],
    ["an address", `b @ https://example.org/b.whl ${hash}`],
    ["another index", "--extra-index-url https://example.org"],
    ["a folder", "-e ."],
  ])("refuses %s", (_what, line) => {
    expect(readPythonLock(`${line}\n`).problems).toHaveLength(1);
  });
});

test.each([
  ["MIT", true],
  ["GPL-2.0-only OR MIT", true],
  ["MIT AND GPL-2.0-only", false],
  ["GPL-2.0-only", false],
  ["see the website", false],
])("terms: %s", (licence, fine) => {
  const named = { ecosystem: /** @type {const} */ ("PyPI"), name: "a_b", version: "1.0" };
  const packages = withLicences([named], [{ name: "A-B", version: "1.0", licence }]);
  expect(termProblems(packages)).toHaveLength(fine ? 0 : 1);
});

describe("advisories", () => {
  const versions = ["0.9.0", "1.0.0", "1.2.0-rc.1", "1.2.0", "1.10.0", "2.0.0"];
  /** @param {object[]} events */
  const part = (events, type = "SEMVER") => ({ ranges: [{ type, events }] });
  /** @param {object} affected */
  const covered = (affected) => versions.filter((each) => covers(affected, each, semanticOrder));

  test("cover what lies between introduction and mending, wherever both are", () => {
    for (const [i, introduced] of versions.entries()) {
      for (const [j, end] of versions.entries()) {
        if (j < i) continue;
        const until = covered(part([{ fixed: end }, { introduced }]));
        if (j > i) expect(until).toEqual(versions.slice(i, j));
        const through = covered(part([{ introduced }, { last_affected: end }]));
        expect(through).toEqual(versions.slice(i, j + 1));
      }
    }
  });

  test("cover from the beginning, for ever, again, in several ranges, and by name", () => {
    expect(covered(part([{ introduced: "0" }]))).toEqual(versions);
    const twice = [
      { introduced: "0" },
      { fixed: "1.0.0" },
      { introduced: "1.10" },
      { fixed: "2.0.0" },
    ];
    expect(covered(part(twice))).toEqual(["0.9.0", "1.10.0"]);
    const [first, second] = [twice.slice(0, 2), twice.slice(2)];
    const ranges = [...part(first).ranges, ...part(second, "ECOSYSTEM").ranges];
    expect(covered({ ranges })).toEqual(["0.9.0", "1.10.0"]);
    expect(covered({ versions: ["1.0.0"] })).toEqual(["1.0.0"]);
    expect(covered(part([{ introduced: "0" }], "GIT"))).toEqual([]);
  });

  test("are held to Python's order of versions", async () => {
    const events = [{ introduced: "2.0rc1" }, { fixed: "2.0.post1" }];
    const asked = ["2.0.dev1", "2.0a1", "2.0rc1", "2.0", "2.0.0", "2.0.post1", "10.0"];
    const order = await pythonOrder(asked);
    const hit = asked.filter((each) => covers(part(events), each, order));
    expect(hit).toEqual(["2.0rc1", "2.0", "2.0.0"]);
  });

  test("are read from a folder and name the version that mends", async () => {
    const folder = await emptyFolder();
    /** @param {string} id @param {object} it */
    const write = (id, it) => writeFile(join(folder, `${id}.json`), JSON.stringify({ id, ...it }));
    const npm = (/** @type {string} */ name) => ({ ecosystem: /** @type {const} */ ("npm"), name });
    const events = [{ introduced: "0" }, { fixed: "1.5.0" }, { introduced: "3.0.0" }];
    const affected = [{ package: npm("hit"), ...part(events) }];
    await expect(readAdvisories(folder)).rejects.toThrow("no advisory");
    await expect(readAdvisories(join(folder, "nowhere"))).rejects.toThrow("no advisory");
    await writeFile(join(folder, "index.json"), "{");
    await expect(readAdvisories(folder)).rejects.toThrow("index.json is no JSON");
    await write("MADE-UP-1", { summary: "It breaks", affected });
    await write("MADE-UP-2", { summary: "Withdrawn", withdrawn: "2026-01-01T00:00:00Z", affected });
    await write("MADE-UP-3", { affected: [{ package: npm("other"), ...part(events) }] });
    const python = { package: { ecosystem: "PyPI", name: "Under_Score" } };
    await write("MADE-UP-4", {
      details: "By name\nand more",
      affected: [{ ...python, versions: ["1.0"] }],
    });
    await writeFile(join(folder, "index.json"), "{}");
    const advisories = await readAdvisories(folder);
    const hit = { ...npm("hit"), version: "1.2.0" };
    const later = { ...npm("hit"), version: "2.0.0" };
    const score = { ecosystem: /** @type {const} */ ("PyPI"), name: "under-score", version: "1.0" };
    const elsewhere = { ...hit, ecosystem: /** @type {const} */ ("crates.io") };
    /** @type {import("../../setup/audit/locks.mjs").Locked[]} */
    const packages = [hit, later, score, elsewhere];
    expect(advisories).toHaveLength(4);
    expect(advisoriesAbout(advisories, packages)).toHaveLength(3);
    expect(await coveredVersions(advisories, packages)).toEqual([
      { locked: hit, id: "MADE-UP-1", summary: "It breaks", fixed: "1.5.0" },
      { locked: score, id: "MADE-UP-4", summary: "By name" },
    ]);
  });
});
