import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { LoadError, loadTract, type Tract, tensor } from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { archive, dat, doubling, graphText, gzipped, moving, tar } from "../archives.js";

const wasmFile = new URL(import.meta.resolve("tract-wasm/tract_wasm.wasm"));
let tract: Tract;
let server: Server;
let base: string;

beforeAll(async () => {
  tract = await loadTract();
  server = createServer((request, response) => {
    if (request.url === "/doubling.nnef.tgz") response.end(gzipped(doubling));
    else if (request.url === "/cut") {
      response.writeHead(200, { "content-length": "100000" });
      response.write("short");
      setTimeout(() => response.destroy(), 10);
    } else response.writeHead(404).end("not here");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  tract.dispose();
  server.close();
});

async function codeOf(loading: Promise<unknown>): Promise<string> {
  const error = await loading.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(LoadError);
  return (error as LoadError).code;
}

test("an archive loads from wherever it is, gzipped or not", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "tract-wasm-")), "doubling.nnef.tar");
  writeFileSync(file, doubling);
  const sources = [
    doubling,
    gzipped(doubling),
    doubling.slice().buffer,
    new Response(gzipped(doubling) as BodyInit),
    pathToFileURL(file),
    pathToFileURL(file).href,
    `${base}/doubling.nnef.tgz`,
    new URL("/doubling.nnef.tgz", base),
  ];
  for (const source of sources) {
    const model = await tract.load(source as Uint8Array);
    expect(model.inputs.map((input) => input.fact)).toEqual(["1,S,4,f32"]);
    model.dispose();
  }
});

test("a view into a larger buffer is read where it lies", async () => {
  const larger = new Uint8Array(doubling.length + 20);
  larger.set(doubling, 10);
  const model = await tract.load(larger.subarray(10, 10 + doubling.length));
  expect(model.outputs[0]?.name).toBe("y");
});

test("what cannot be fetched is told from what cannot be read", async () => {
  expect(await codeOf(tract.load(`${base}/nothing`))).toBe("fetch");
  expect(await codeOf(tract.load(`${base}/cut`))).toBe("fetch");
  expect(await codeOf(tract.load("http://127.0.0.1:1/"))).toBe("fetch");
  expect(await codeOf(tract.load("not a url"))).toBe("fetch");
  expect(await codeOf(tract.load(pathToFileURL("/nowhere/at/all")))).toBe("fetch");
  expect(await codeOf(tract.load(new Response(null, { status: 500 })))).toBe("fetch");
});

test("damaged archives are typed errors, and the next load works", async () => {
  const zipped = gzipped(moving);
  const cases: Record<string, Uint8Array> = {
    empty: new Uint8Array(),
    noise: new Uint8Array(2000).fill(7),
    "cut gzip": zipped.slice(0, zipped.length / 2),
    "cut tar": moving.slice(0, moving.length / 2),
    "no graph": tar({ "w.dat": dat([1], [1]) }),
    "wrong magic": tar({ "graph.nnef": text(), "w.dat": new Uint8Array(200) }),
    "cut tensor": tar({ "graph.nnef": text(), "w.dat": dat([4], [1, 2, 3, 4]).slice(0, 130) }),
    "name outside": tar({ "graph.nnef": text(), "../w.dat": dat([1], [1]) }),
    "absolute name": tar({ "graph.nnef": text(), "/etc/w.dat": dat([1], [1]) }),
  };
  for (const [what, bytes] of Object.entries(cases)) {
    expect(await codeOf(tract.load(bytes)), what).toBe("archive");
  }
  expect((await tract.load(moving)).symbols).toEqual(["S"]);
});

function text(body = "  y = x;"): string {
  return graphText({ inputs: { x: "1,f32" }, body, outputs: ["y"] });
}

test("a graph tract cannot build says what and where", async () => {
  const unknown = archive({ inputs: { x: "1,f32" }, body: "  y = frobnicate(x);", outputs: ["y"] });
  const error = await tract.load(unknown).catch((error: LoadError) => error);
  expect(error).toMatchObject({ name: "LoadError", code: "model" });
  expect((error as LoadError).causes.join("\n")).toContain("frobnicate");
  expect((error as LoadError).causes.length).toBeGreaterThan(1);
});

test("an external of a fragment is one more input, under tract's name", async () => {
  const model = await tract.load(
    archive({
      fragments: [
        "fragment more() -> (out: tensor<scalar>) { out = external<scalar>(shape = [3]); }\n",
      ],
      inputs: { x: "3,f32" },
      body: "  t = more();\n  y = x + t;",
      outputs: ["y"],
    }),
  );
  expect(model.inputs.map(({ name, fact }) => [name, fact])).toEqual([
    ["x", "3,f32"],
    ["t_more_out", "3,f32"],
  ]);
  const [x, more] = [tensor(Float32Array.of(1, 2, 3)), tensor(Float32Array.of(10, 20, 30))];
  const { y } = model.prepare().run({ x, t_more_out: more });
  expect(y?.data).toEqual(Float32Array.of(11, 22, 33));
});

test("limits hold, and can be set", async () => {
  const strict = await loadTract({
    limits: { archiveBytes: 4000, unpackedBytes: 5000, entries: 3, tensorBytes: 64, depth: 8 },
  });
  const deep = `  y = ${"(".repeat(40)}x${")".repeat(40)};`;
  const chain = `  y = x${" + x".repeat(300)};`;
  const equal = `  y = x${" == x".repeat(300)};`;
  const signs = `  y = x + [${Array(300).fill("-0.5").join(", ")}];`;
  const small = `  y = x + [${Array(300).fill("1e-5").join(", ")}];`;
  // Neither opens a string: tract reads an extension up to its end, and a backslash takes a quote in.
  const quoted = (header: string) => `version 1.0;\n${header}graph g(x) -> (y)\n{\n${deep}\n}\n`;
  const hiding = [
    quoted('extension tract_registry "tract_core;\n'),
    quoted("extension tract_symbol it's;\n"),
    text(`  a = "\\"";\n${deep}`),
    text(`# it's \r${deep}`),
  ];
  const recursive = `version 1.0;
fragment f(a: tensor<scalar>) -> (b: tensor<scalar>) { b = f(a); }
graph g(x) -> (y) { x = external(shape = [1]); y = f(x); }`;
  const bomb = `version 1.0;
${[0, 1, 2, 3, 4, 5, 6]
  .map(
    (n) =>
      `fragment f${n}(a: tensor<scalar>) -> (b: tensor<scalar>) { b = ${Array(12)
        .fill(n === 0 ? "relu(a)" : `f${n - 1}(a)`)
        .join("+")}; }`,
  )
  .join("\n")}
graph g(x) -> (y) { x = external(shape = [1]); y = f6(x); }`;
  const many = tar({
    "graph.nnef": text(),
    "a.dat": dat([1], [1]),
    "b.dat": dat([1], [1]),
    "c.dat": dat([1], [1]),
  });
  expect(await codeOf(strict.load(new Uint8Array(4001)))).toBe("limit");
  expect(await codeOf(strict.load(gzipped(new Uint8Array(100_000))))).toBe("limit");
  expect(await codeOf(strict.load(many))).toBe("limit");
  expect(await codeOf(strict.load(tar({ "graph.nnef": text(deep) })))).toBe("limit");
  const large = tar({ "graph.nnef": text(), "a.dat": dat([17], Array(17).fill(1)) });
  expect(await codeOf(strict.load(large))).toBe("limit");
  const huge = dat([1], [1]);
  new DataView(huge.buffer).setUint32(8, 2, true);
  new DataView(huge.buffer).setUint32(12, 0xffff_ffff, true);
  new DataView(huge.buffer).setUint32(16, 0xffff_ffff, true);
  expect(await codeOf(tract.load(tar({ "graph.nnef": text(), "a.dat": huge })))).toBe("limit");
  expect(await codeOf(tract.load(tar({ "graph.nnef": text(chain) })))).toBe("limit");
  expect(await codeOf(tract.load(tar({ "graph.nnef": text(equal) })))).toBe("limit");
  for (const hidden of hiding) {
    expect(await codeOf(tract.load(tar({ "graph.nnef": hidden })))).toBe("limit");
  }
  // A list of negative or small numbers is no chain.
  for (const list of [signs, small]) {
    expect((await tract.load(tar({ "graph.nnef": text(list) }))).outputs).toHaveLength(1);
  }
  expect(await codeOf(tract.load(tar({ "graph.nnef": recursive })))).toBe("limit");
  expect(await codeOf(tract.load(tar({ "graph.nnef": bomb })))).toBe("limit");
  await expect(loadTract({ limits: { depth: 0 } })).rejects.toThrow(TypeError);
  await expect(loadTract({ limits: { size: 1 } as never })).rejects.toThrow(TypeError);
  strict.dispose();
});

test("the engine loads from what it is given", async () => {
  const bytes = readFileSync(wasmFile);
  const module = await WebAssembly.compile(bytes);
  const typed = new Response(bytes, { headers: { "content-type": "application/wasm" } });
  for (const wasm of [wasmFile, wasmFile.href, bytes, module, typed, new Response(bytes)]) {
    const own = await loadTract({ wasm });
    const model = await own.load(doubling);
    const { y } = model.prepare().run({ x: tensor(new Float32Array([1, 2, 3, 4]), [1, 1, 4]) });
    expect([...(y?.data ?? [])]).toEqual([3, 5, 7, 9]);
    own.dispose();
  }
});

test("what is not the engine is refused", async () => {
  const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
  expect(await codeOf(loadTract({ wasm: empty }))).toBe("wasm");
  expect(await codeOf(loadTract({ wasm: new Uint8Array([1, 2, 3]) }))).toBe("wasm");
  expect(await codeOf(loadTract({ wasm: new Response("", { status: 404 }) }))).toBe("fetch");
  expect(await codeOf(loadTract({ wasm: new URL("file:///nowhere.wasm") }))).toBe("fetch");
});

test("an engine of another version is refused, naming both", async () => {
  const bytes = new Uint8Array(readFileSync(wasmFile));
  const versions = Buffer.from(bytes);
  const other = Buffer.from("0.1.0");
  // The version stands in the data of the module; the pinned tract's does not match it.
  let at = versions.indexOf(other);
  while (at >= 0) {
    versions.write("9.9.9", at);
    at = versions.indexOf(other, at + 1);
  }
  const error = await loadTract({ wasm: new Uint8Array(versions) }).catch((e: LoadError) => e);
  expect(error).toMatchObject({ name: "LoadError", code: "version" });
  expect((error as LoadError).message).toMatch(/0\.1\.0.*9\.9\.9/s);
});
