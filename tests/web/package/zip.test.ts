import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { zip } from "../../../web/site/build/zip.mjs";

const read = `
import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    print(json.dumps([[i.filename, i.date_time[0], archive.read(i).decode("latin-1")] for i in archive.infolist()]))
`;

it("writes archives others can read, the same bytes for the same files", async () => {
  const text = (value: string) => new TextEncoder().encode(value);
  const files = [
    { path: "a/empty", bytes: text("") },
    { path: "a/b/text.txt", bytes: text("speech ".repeat(10_000)) },
    { path: "a/ümlaut", bytes: Uint8Array.of(0, 255, 127) },
  ];
  const folder = await mkdtemp(join(tmpdir(), "nnef-pulse-"));
  try {
    const path = join(folder, "some.zip");
    await writeFile(path, zip(files));
    const python = process.platform === "win32" ? "python" : "python3";
    const found = JSON.parse(execFileSync(python, ["-c", read, path], { encoding: "utf8" }));
    expect(found).toEqual([
      ["a/empty", 1980, ""],
      ["a/b/text.txt", 1980, "speech ".repeat(10_000)],
      ["a/ümlaut", 1980, "\u0000\u00ff\u007f"],
    ]);
    expect(zip(files).equals(zip(files))).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
});
