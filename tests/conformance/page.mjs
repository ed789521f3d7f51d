// What a page does with a case: see conformance.test.ts.

import { loadTract } from "/wasm/dist/index.js";
import { runCase } from "./run-cases.mjs";

globalThis.runInPage = async (it) => {
  const get = async (path) => new Uint8Array(await (await fetch(`/cases/${path}`)).arrayBuffer());
  const tract = await loadTract();
  const rows = await runCase(it, { get, tract });
  tract.dispose();
  return rows;
};
