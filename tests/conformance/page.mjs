// What a page does with a case: see conformance.test.ts.

import { loadTract } from "/wasm/dist/index.js";
import { runCase } from "./run-cases.mjs";
import { writeCase } from "./write-cases.mjs";

const get = async (path) => new Uint8Array(await (await fetch(`/cases/${path}`)).arrayBuffer());

async function withTract(use) {
  const tract = await loadTract();
  try {
    return await use({ get, tract });
  } finally {
    tract.dispose();
  }
}

globalThis.runInPage = (it) => withTract((host) => runCase(it, host));
globalThis.writeInPage = (it) => withTract((host) => writeCase(it, host));
