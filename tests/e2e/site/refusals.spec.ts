import { expect, type Page, test } from "@playwright/test";
import { contentSecurityPolicy } from "../../../setup/policy.mjs";
import { type CorePage, openCorePage } from "../vad/page.js";

let core: CorePage;
test.beforeAll(async () => {
  core = await openCorePage();
});
test.afterAll(() => core.close());

/** Class and code of what `Vad.open` throws on a page of this policy. */
async function refusal(policy: string, options: object = {}, page: Page = core.page) {
  await page.route(core.page.url(), (route) =>
    route.fulfill({
      contentType: "text/html",
      headers: { "content-security-policy": policy },
      body: "<!doctype html><title>test</title>",
    }),
  );
  await page.goto(core.page.url());
  const found = await page.evaluate(async (given) => {
    const { Vad, VadError } = await import("./lib/vad.js" as string);
    return Vad.open(given).then(
      (vad: { close(): Promise<void> }) => vad.close().then(() => "opens"),
      (error: Error & { code: string }) =>
        `${error.name} ${error instanceof VadError} ${error.code}`,
    );
  }, options);
  await page.unroute(core.page.url());
  return found;
}

const page = { contentType: "text/html", body: "<!doctype html><title>Not found</title>" };

test("each refusal of a page's policy has a code of one family", async () => {
  const policy = (from: string, to: string) => contentSecurityPolicy.replace(from, to);
  expect(await refusal(contentSecurityPolicy)).toBe("opens");
  expect(await refusal(policy("worker-src 'self'", "worker-src 'none'"))).toBe(
    "EngineError true policy-refused",
  );
  expect(await refusal(policy(" 'wasm-unsafe-eval'", ""))).toBe("EngineError true policy-refused");
  const required = `${contentSecurityPolicy}; require-trusted-types-for 'script'; trusted-types`;
  expect(await refusal(`${required} other`)).toBe("EngineError true trusted-types");
  expect(await refusal(`${required} nnef-pulse`)).toBe("opens");
});

test("a worker of another origin, and a frame without an origin", async () => {
  const workerUrl = new URL("lib/engine.worker.js", core.page.url());
  workerUrl.hostname = "localhost";
  expect(await refusal("worker-src *", { workerUrl: workerUrl.href })).toBe(
    "EngineError true worker-foreign",
  );
  // A page without an origin gets even modules of its own site only where the host lets all origins have them.
  await core.page.route("**/lib/**", async (route) => {
    const response = await route.fetch();
    await route.fulfill({
      response,
      headers: { ...response.headers(), "access-control-allow-origin": "*" },
    });
  });
  expect(await refusal("sandbox allow-scripts")).toBe("EngineError true sandboxed");
  await core.page.unroute("**/lib/**");
});

for (const file of ["engine.worker.js", "tract_wasm.wasm"]) {
  test(`a web page in place of ${file}`, async () => {
    await core.page.route(`**/${file}`, (route) => route.fulfill(page));
    expect(await refusal(contentSecurityPolicy)).toBe("EngineError true file-is-page");
    await core.page.unroute(`**/${file}`);
  });
}
