import { describe, expect, test } from "vitest";
import { InspectError } from "../../../web/src/base/inspect-error.js";
import { READ_LIMITS } from "../../../web/src/base/limits.js";
import { Archive } from "../../../web/src/formats/archive.js";
import { readHeader, readValues } from "../../../web/src/formats/dat.js";
import { isSingleGraph, tarOf } from "../../../web/src/formats/single-graph.js";
import { safePath, untar } from "../../../web/src/formats/tar.js";
import { type DatOptions, dat, gzip, TEXT, tar } from "../inspector/archives.js";
import { random } from "../random.js";

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof InspectError) return error.code;
    throw error;
  }
  return "none";
}

const weight = dat({
  shape: [2, 3],
  bits: 32,
  type: 0,
  items: bytesOf(Float32Array.of(1, 2, 3, -4, 0, 0.5)),
});

describe("opening", () => {
  test("a tar, a gzipped tar and the text alone give the same text", async () => {
    const plain = tar({ "graph.nnef": TEXT, "w.dat": weight });
    for (const bytes of [plain, await gzip(plain), new TextEncoder().encode(TEXT)]) {
      expect((await Archive.open(bytes)).text).toBe(TEXT);
    }
  });

  test("a text alone in an archive of its own is what it was, whatever its length", async () => {
    for (const length of [0, 1, 400, 512, 513, 5000]) {
      const text = new TextEncoder().encode(`${TEXT}${" ".repeat(length)}`);
      expect(isSingleGraph(text)).toBe(true);
      const files = untar(tarOf(text), READ_LIMITS);
      expect([...files]).toEqual([["graph.nnef", text]]);
    }
    expect(isSingleGraph(tar({ "graph.nnef": TEXT }))).toBe(false);
  });

  test("a folder in front, and ./ before names, change nothing", async () => {
    for (const folder of ["./", "model/"]) {
      const archive = await Archive.open(
        tar({ [`${folder}graph.nnef`]: TEXT, [`${folder}a/w.dat`]: weight }),
      );
      expect(archive.values("a/w")).toEqual(Float32Array.of(1, 2, 3, -4, 0, 0.5));
    }
  });

  test("what is wrong is told by its code", async () => {
    const good = await gzip(tar({ "graph.nnef": TEXT }));
    expect(await codeOf(() => Archive.open(good.subarray(0, good.length - 20)))).toBe(
      "archive-damaged",
    );
    expect(await codeOf(() => Archive.open(tar({ "other.txt": "x" })))).toBe("graph-missing");
    expect(await codeOf(() => Archive.open(tar({ "../graph.nnef": TEXT })))).toBe("path-unsafe");
    expect(await codeOf(() => Archive.open(tar({ "graph.nnef": Uint8Array.of(0xff, 0xfe) })))).toBe(
      "graph-not-text",
    );
    expect(await codeOf(() => Archive.open(new Uint8Array(5000).fill(7)))).toBe("tar-damaged");
    expect(await codeOf(() => Archive.open(new Uint8Array(0)))).toBe("tar-damaged");
  });

  test("more than the limits allow is refused before it is kept", async () => {
    const bomb = await gzip(tar({ "graph.nnef": TEXT, "w.dat": new Uint8Array(1 << 22) }));
    expect(await codeOf(() => Archive.open(bomb, { ...READ_LIMITS, unpackedBytes: 1 << 20 }))).toBe(
      "limit",
    );
    expect(await codeOf(() => Archive.open(bomb, { ...READ_LIMITS, textBytes: 100 }))).toBe(
      "limit",
    );
    expect(await codeOf(() => Archive.open(bomb, { ...READ_LIMITS, files: 1 }))).toBe("limit");
    expect(await codeOf(() => Archive.open(bomb, { ...READ_LIMITS, archiveBytes: 10 }))).toBe(
      "limit",
    );
  });

  test("no path leaves the archive", () => {
    for (const path of ["/etc/x", "../x", "a/../../x", "a\\x", "a\0b"]) {
      expect(() => safePath(path)).toThrow(InspectError);
    }
    expect(safePath("./a/b.dat")).toBe("a/b.dat");
  });

  test("a tar with any byte changed opens or ends in a typed error", async () => {
    const next = random(1);
    const whole = tar({ "graph.nnef": TEXT, "w.dat": weight });
    for (let round = 0; round < 400; round++) {
      const bytes = whole.slice(0, next() < 0.3 ? Math.floor(next() * whole.length) : undefined);
      for (let change = 0; change < 1 + next() * 6 && bytes.length > 0; change++) {
        bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
      }
      await codeOf(async () => {
        const archive = await Archive.open(bytes);
        for (const entry of archive.tensors()) if ("header" in entry) archive.values(entry.label);
      });
    }
  });
});

describe("tensors", () => {
  const read = (options: DatOptions) => {
    const file = dat(options);
    const header = readHeader(file, "t.dat");
    return { header, values: readValues(file, header, "t.dat", READ_LIMITS) };
  };

  test.each<[string, number, number, ArrayBufferView, readonly (number | bigint)[]]>([
    ["f32", 0, 32, Float32Array.of(1.5, -2), [1.5, -2]],
    ["f64", 0, 64, Float64Array.of(1e300, -2), [1e300, -2]],
    [
      "f16",
      0,
      16,
      Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00),
      [1, -2, 2 ** -24, Number.POSITIVE_INFINITY],
    ],
    ["u8", 2, 8, Uint8Array.of(1, 255), [1, 255]],
    ["u16", 1, 16, Uint16Array.of(1, 65535), [1, 65535]],
    ["u32", 2, 32, Uint32Array.of(1, 4294967295), [1, 4294967295]],
    ["u64", 2, 64, BigUint64Array.of(1n, 2n ** 64n - 1n), [1n, 2n ** 64n - 1n]],
    ["i8", 3, 8, Int8Array.of(1, -128), [1, -128]],
    ["i16", 3, 16, Int16Array.of(1, -1), [1, -1]],
    ["i32", 4, 32, Int32Array.of(1, -1), [1, -1]],
    ["i64", 3, 64, BigInt64Array.of(1n, -1n), [1n, -1n]],
    ["bool", 5, 8, Uint8Array.of(1, 0), [1, 0]],
  ])("%s", (dtype, type, bits, array, expected) => {
    const { header, values } = read({
      shape: [expected.length],
      bits,
      type,
      items: bytesOf(array),
    });
    expect(header.dtype).toBe(dtype);
    expect([...values]).toEqual(expected);
  });

  test("booleans of one bit, most significant first", () => {
    const { values } = read({
      shape: [10],
      bits: 1,
      type: 5,
      items: Uint8Array.of(0b10110000, 0b01000000),
    });
    expect([...values]).toEqual([1, 0, 1, 1, 0, 0, 0, 0, 0, 1]);
  });

  test("tract's strings", () => {
    const items = Uint8Array.of(2, 0, 0, 0, 0xc3, 0xa9, 0, 0, 0, 0);
    const { values } = read({ shape: [2], bits: 0xffffffff, type: 0x1000, vendor: 0x5452, items });
    expect(values).toEqual(["é", ""]);
  });

  test("claims a file cannot keep are refused without being believed", async () => {
    const items = new Uint8Array(8);
    const huge = { shape: [65536, 65536, 65536], bits: 32, type: 0, items };
    expect(await codeOf(() => read(huge))).toBe("tensor-damaged");
    expect(
      await codeOf(() => read({ shape: [2], bits: 32, type: 0, items, claims: 100_000_000 })),
    ).toBe("tensor-damaged");
    expect(
      await codeOf(() =>
        read({ shape: [25_000_000], bits: 32, type: 0, items, claims: 100_000_000 }),
      ),
    ).toBe("tensor-damaged");
    expect(await codeOf(() => read({ shape: [2], bits: 24, type: 9, items }))).toBe(
      "tensor-unsupported",
    );
    expect(await codeOf(() => readHeader(items, "t.dat"))).toBe("tensor-damaged");
    const cut = {
      shape: [2],
      bits: 0xffffffff,
      type: 0x1000,
      vendor: 0x5452,
      items: Uint8Array.of(255, 255, 255, 127),
    };
    expect(await codeOf(() => read(cut))).toBe("tensor-damaged");
  });
});

test("untar copies nothing", () => {
  const whole = tar({ "graph.nnef": TEXT });
  expect(untar(whole, READ_LIMITS).get("graph.nnef")?.buffer).toBe(whole.buffer);
});
