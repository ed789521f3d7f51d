/** Where a Vad's files lie on the stubbed site. */
export const options = {
  bundle: "https://site.example/bundles/stub/",
  engineUrl: "https://site.example/tract_wasm.wasm",
  workerUrl: "https://site.example/engine.worker.js",
  workletUrl: "https://site.example/capture.worklet.js",
};

/** What a page owns after it has closed everything. */
export const nothing = { tracks: 0, contexts: 0, workers: 0 };

/** The code a promise rejects with, `"done"` where it resolves, `"pending"` while it does neither. */
export function outcome(promise: Promise<unknown>): { readonly code: string } {
  const seen = { code: "pending" };
  promise.then(
    () => {
      seen.code = "done";
    },
    (error: { code?: string | number; name?: string; message?: string }) => {
      seen.code = typeof error.code === "string" ? error.code : String(error.message);
    },
  );
  return seen;
}
