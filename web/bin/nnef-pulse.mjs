#!/usr/bin/env node
/** `nnef-pulse copy DIR`: copies the files that a page fetches at run time, for bundlers that do not find them. */
import { cp } from "node:fs/promises";
import { join } from "node:path";

const usage = "usage: nnef-pulse copy DIR";

const files = [
  "tract_wasm.wasm",
  "engine.worker.js",
  "entry.js",
  "capture.worklet.js",
  "layout.worker.js",
  "python.worker.js",
  "THIRD-PARTY.txt",
  "bundles",
];

const [verb, to, ...rest] = process.argv.slice(2);
if (verb !== "copy" || to === undefined || rest.length > 0) {
  console.error(usage);
  process.exit(2);
}
try {
  for (const file of files) {
    await cp(new URL(`../dist/${file}`, import.meta.url), join(to, file), { recursive: true });
  }
  console.log(`Copied to ${to}: ${files.join(", ")}`);
} catch (error) {
  console.error(`nnef-pulse: cannot copy to ${to}: ${error.message}`);
  process.exit(1);
}
