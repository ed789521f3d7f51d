import { createContext, runInContext } from "node:vm";
import { InputError, loadTract, type Tract, tensor } from "tract-wasm";
import { connect } from "tract-wasm/worker";
import { afterAll, beforeAll, expect, test } from "vitest";
import { doubling, gzipped } from "../archives.js";

/** Arrays of this realm are not `instanceof` the classes of ours, as in an iframe or in Jest. */
const realm = createContext({});

function inRealm<T>(className: string, bytes: Uint8Array): T {
  const made = runInContext(`new ${className}(${bytes.length})`, realm);
  new Uint8Array(made.buffer ?? made).set(bytes);
  return made;
}

let tract: Tract;
beforeAll(async () => {
  tract = await loadTract();
});
afterAll(() => tract.dispose());

async function thrown(loading: Promise<unknown>): Promise<unknown> {
  return loading.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test("an archive loads from any array, Blob or File of any realm", async () => {
  const larger = new Uint8Array(doubling.length + 20);
  larger.set(doubling, 10);
  const shared = new Uint8Array(new SharedArrayBuffer(doubling.length));
  shared.set(doubling);
  const zipped = gzipped(doubling);
  const sources = {
    Buffer: Buffer.from(doubling),
    DataView: new DataView(larger.buffer, 10, doubling.length),
    "another realm's Uint8Array": inRealm<Uint8Array>("Uint8Array", zipped),
    "another realm's ArrayBuffer": inRealm<ArrayBuffer>("ArrayBuffer", doubling),
    "shared memory": shared,
    Blob: new Blob([zipped as BlobPart]),
    File: new File([doubling as BlobPart], "doubling.nnef.tar"),
  };
  for (const [what, source] of Object.entries(sources)) {
    const model = await tract.load(source);
    expect(model.outputs[0]?.fact, what).toBe("1,S,4,f32");
    model.dispose();
  }
});

test("the engine in a worker takes a Blob too", async () => {
  const remote = await connect();
  const model = await remote.load(new Blob([doubling as BlobPart]));
  expect(model.symbols).toEqual(["S"]);
  remote.dispose();
});

test("a Blob beyond the limit is refused before it is read", async () => {
  const strict = await loadTract({ limits: { archiveBytes: 100 } });
  expect(await thrown(strict.load(new Blob([new Uint8Array(101)])))).toMatchObject({
    code: "limit",
  });
  strict.dispose();
});

test("what is no archive at all is named; a path of Node says how", async () => {
  expect(await thrown(tract.load(7 as never))).toMatchObject({
    name: "InputError",
    message: expect.stringContaining("Number"),
  });
  expect(await thrown(tract.load("./model.nnef.tgz"))).toMatchObject({
    code: "fetch",
    message: expect.stringContaining('pathToFileURL("./model.nnef.tgz")'),
  });
});

test("values may be arrays of any realm", async () => {
  expect(tensor(Buffer.from([1]), [1])).toMatchObject({ dtype: "u8", shape: [1] });
  const values = new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer);
  const floats = runInContext("new Float32Array(4)", realm) as Float32Array;
  new Uint8Array(floats.buffer).set(values);
  const x = tensor(floats, [1, 1, 4]);
  expect(x.dtype).toBe("f32");
  const runnable = (await tract.load(doubling)).prepare();
  expect([...(runnable.run({ x }).y?.data ?? [])]).toEqual([3, 5, 7, 9]);
});

test("unknown options are refused with a suggestion", async () => {
  const model = await tract.load(doubling);
  const runnable = model.prepare();
  const x = tensor(new Float32Array(4), [1, 1, 4]);
  const cases: [string, () => unknown][] = [
    ["optimize", () => model.prepare({ optimise: false } as never)],
    ["rounds", () => runnable.profile({ x }, { round: 2 } as never)],
    ["values", () => runnable.trace({ x }, { vales: true } as never)],
  ];
  for (const [meant, call] of cases) {
    expect(call).toThrow(InputError);
    expect(call).toThrow(new RegExp(`did you mean ${meant}\\?`));
  }
  const unknown = [
    loadTract({ limit: {} } as never),
    connect({ deadlineMS: 1000 } as never),
    connect({ timeout: 1000 } as never),
  ];
  const errors = await Promise.all(unknown.map(thrown));
  expect(errors.map((error) => (error as InputError).code)).toEqual(["input", "input", "input"]);
  expect(errors.map((error) => /did you mean (\w+)/.exec(String(error))?.[1])).toEqual([
    "limits",
    "deadlineMs",
    undefined,
  ]);
});

test("a misspelt input lists the right ones", async () => {
  const runnable = (await tract.load(doubling)).prepare();
  const x = tensor(new Float32Array(4), [1, 1, 4]);
  expect(() => runnable.run({ X: x })).toThrow(InputError);
  expect(() => runnable.run({ X: x })).toThrow(/X \(did you mean x\?\).*inputs are x$/);
  expect(() => runnable.run({ x, y: x })).toThrow(/unknown: y.*inputs are x$/);
});
