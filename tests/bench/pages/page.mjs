// The page a browser is measured in.
import { loadTract } from "tract-wasm";
import { suite } from "../suite.mjs";

/** Not ours to depend on: its path is known where it is served. */
const peer = "/onnxruntime-web/ort.wasm.min.mjs";

/** @param {import("../plans.mjs").Plan} plan */
const measured = async (plan) =>
  suite({
    tract: await loadTract({ wasm: new URL("/tract-wasm/tract_wasm.wasm", location.href) }),
    ort: await import(peer),
    get: async (path) => new Uint8Array(await (await fetch(`/material/${path}`)).arrayBuffer()),
    plan,
    report: (body) => void fetch("/report", { method: "POST", body }),
  });

Object.assign(globalThis, { measured });
