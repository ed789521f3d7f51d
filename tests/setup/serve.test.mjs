import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { contentSecurityPolicy } from "../../setup/policy.mjs";
import { GzipStore } from "../../setup/serve/gzip.mjs";
import { siteHandler } from "../../setup/serve/handler.mjs";
import { readPort } from "../../setup/serve/port.mjs";
import { emptyFolder } from "./empty-folder.mjs";

const page = `<!doctype html><title>x</title>${"<p>speech</p>".repeat(100)}`;
const secret = "not part of the site";

/** A small site beside a file that must not be served. */
async function serve() {
  const parent = await emptyFolder();
  const folder = join(parent, "dist");
  await mkdir(join(folder, "inspect"), { recursive: true });
  await mkdir(join(folder, "assets"));
  await writeFile(join(parent, "secret.txt"), secret);
  await symlink(join(parent, "secret.txt"), join(folder, "link.txt"));
  await writeFile(join(folder, "index.html"), page);
  await writeFile(join(folder, "inspect", "index.html"), "inspect");
  await writeFile(join(folder, "engine.wasm"), Buffer.alloc(5000, 7));
  await writeFile(join(folder, "assets", "main-C0ffee12.js"), "1");
  await writeFile(join(folder, "digits.bin"), "0123456789");
  const server = createServer(siteHandler({ folder, gzip: new GzipStore(join(parent, "gzip")) }));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = address && typeof address === "object" ? address.port : 0;

  /**
   * `path` goes over the wire as it is: fetch would tidy it.
   *
   * @param {string} path @param {Record<string, string>} [headers] @param {string} [method]
   * @returns {Promise<{ status: number, headers: import("node:http").IncomingHttpHeaders, body: Buffer }>}
   */
  return (path, headers = {}, method = "GET") =>
    new Promise((resolve, reject) => {
      const asked = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
        /** @type {Buffer[]} */
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => {
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, headers, body: Buffer.concat(chunks) });
        });
      });
      asked.on("error", reject).end();
    });
}

test("pages, folders and types", async () => {
  const get = await serve();
  const index = await get("/");
  expect(index.status).toBe(200);
  expect(index.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(index.body.toString()).toBe(page);
  expect((await get("/inspect/?src=a#b")).body.toString()).toBe("inspect");
  expect((await get("/inspect")).headers.location).toBe("inspect/");
  expect((await get("/engine.wasm")).headers["content-type"]).toBe("application/wasm");
  expect((await get("/digits.bin")).headers["content-type"]).toBe("application/octet-stream");
  expect((await get("/missing")).status).toBe(404);
  expect((await get("/engine.wasm/")).status).toBe(404);
});

test("every answer carries the policy, errors too", async () => {
  const get = await serve();
  for (const path of ["/", "/engine.wasm", "/missing", "/%"]) {
    const { headers } = await get(path);
    expect(headers["content-security-policy"], path).toBe(contentSecurityPolicy);
    expect(headers["x-content-type-options"], path).toBe("nosniff");
  }
});

test.each([
  "/../secret.txt",
  "/inspect/../../secret.txt",
  "/%2e%2e/secret.txt",
  "/..%2fsecret.txt",
  "/%2e%2e%2fsecret.txt",
  "/..\\secret.txt",
  "//../secret.txt",
  "/../dist-not/../secret.txt",
  "/link.txt",
  "/%00",
  "/%",
])("%s leads nowhere", async (path) => {
  const get = await serve();
  const { status, body } = await get(path);
  expect([400, 404]).toContain(status);
  expect(body.toString()).not.toContain(secret);
});

test("gzip where it pays and is wanted", async () => {
  const get = await serve();
  const zipped = await get("/", { "accept-encoding": "br, gzip" });
  expect(zipped.headers["content-encoding"]).toBe("gzip");
  expect(zipped.headers.vary).toBe("Accept-Encoding");
  expect(Number(zipped.headers["content-length"])).toBe(zipped.body.length);
  expect(gunzipSync(zipped.body).toString()).toBe(page);
  for (const refused of ["", "br", "gzip;q=0"]) {
    const plain = await get("/", { "accept-encoding": refused });
    expect(plain.headers["content-encoding"], refused).toBeUndefined();
  }
  const binary = await get("/digits.bin", { "accept-encoding": "gzip" });
  expect(binary.headers["content-encoding"]).toBeUndefined();
});

test.each([
  ["bytes=0-3", 206, "0123", "bytes 0-3/10"],
  ["bytes=7-", 206, "789", "bytes 7-9/10"],
  ["bytes=-2", 206, "89", "bytes 8-9/10"],
  ["bytes=5-500", 206, "56789", "bytes 5-9/10"],
  ["bytes=0-1,4-5", 200, "0123456789", undefined],
  ["bytes=0-0", 206, "0", "bytes 0-0/10"],
  ["lines=1-2", 200, "0123456789", undefined],
])("range %s", async (range, status, text, contentRange) => {
  const get = await serve();
  const answer = await get("/digits.bin", { range });
  expect(answer.status).toBe(status);
  expect(answer.body.toString()).toBe(text);
  expect(answer.headers["content-range"]).toBe(contentRange);
});

test("a range beyond the end is refused", async () => {
  const get = await serve();
  const answer = await get("/digits.bin", { range: "bytes=10-" });
  expect(answer.status).toBe(416);
  expect(answer.headers["content-range"]).toBe("bytes */10");
});

test("what has not changed is not sent again", async () => {
  const get = await serve();
  const first = await get("/", { "accept-encoding": "gzip" });
  const again = await get("/", {
    "accept-encoding": "gzip",
    "if-none-match": String(first.headers.etag),
  });
  expect(again.status).toBe(304);
  expect(again.body).toHaveLength(0);
  expect((await get("/", { "if-none-match": String(first.headers.etag) })).status).toBe(200);
  expect(first.headers["cache-control"]).toBe("no-cache");
  const hashed = await get("/assets/main-C0ffee12.js");
  expect(hashed.headers["cache-control"]).toContain("immutable");
});

test("HEAD sends no body, other methods are refused", async () => {
  const get = await serve();
  const head = await get("/digits.bin", {}, "HEAD");
  expect(head.status).toBe(200);
  expect(head.headers["content-length"]).toBe("10");
  expect(head.body).toHaveLength(0);
  expect((await get("/", {}, "POST")).status).toBe(405);
});

test("PORT", () => {
  expect(readPort(undefined)).toBe(8080);
  expect(readPort("")).toBe(8080);
  expect(readPort("0")).toBe(0);
  expect(() => readPort("80a")).toThrow('PORT is "80a"');
  expect(() => readPort("70000")).toThrow("0 to 65535");
});
