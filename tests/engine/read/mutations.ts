// Ways to damage an archive, each decided by a seed alone.

import { gunzipSync } from "node:zlib";
import { gzipped, tar } from "../archives.js";
import { random } from "../random.js";

/** A tar's files, in order. */
export function files(bytes: Uint8Array): [string, Uint8Array][] {
  const found: [string, Uint8Array][] = [];
  const text = (at: number, length: number) =>
    Buffer.from(bytes.subarray(at, at + length))
      .toString("latin1")
      .replace(/\0.*$/s, "");
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    found.push([text(at, 100), bytes.slice(at + 512, at + 512 + size)]);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

type Mutation = (archive: Uint8Array, below: (limit: number) => number) => Uint8Array;

const pick = <T>(items: readonly T[], below: (limit: number) => number): T =>
  items[below(items.length)] as T;

/** Changes the text of the graph. */
function edited(archive: Uint8Array, edit: (text: string) => string): Uint8Array {
  const all = files(archive).map(([name, bytes]): [string, string | Uint8Array] =>
    name === "graph.nnef" ? [name, edit(Buffer.from(bytes).toString())] : [name, bytes],
  );
  return tar(Object.fromEntries(all));
}

const PATHS = [
  "../x.dat",
  "/etc/passwd",
  "a/../../b.dat",
  "..\\x.dat",
  "C:\\x.dat",
  "./././x.dat",
  "",
  "x".repeat(99),
  ".nnef.tar",
  "graph.nnef/x.dat",
  "sub/graph.nnef",
  "m.nnef.tar",
];
const NUMBERS = [
  "0",
  "-1",
  "1",
  "2",
  "7",
  "4294967295",
  "9223372036854775807",
  "1e30",
  "0.5",
  "-0",
  "99999999999999999999",
];

const mutations: Record<string, Mutation> = {
  "flip bits": (archive, below) => {
    const out = archive.slice();
    for (let flips = 1 + below(8); flips > 0; flips--) {
      const at = below(out.length);
      out[at] = (out[at] as number) ^ (1 << below(8));
    }
    return out;
  },
  cut: (archive, below) => archive.slice(0, below(archive.length)),
  "cut gzip": (archive, below) => {
    const zipped = gzipped(archive);
    return zipped.slice(0, below(zipped.length));
  },
  "flip gzip": (archive, below) => {
    const zipped = gzipped(archive);
    const at = below(zipped.length);
    zipped[at] = (zipped[at] as number) ^ (1 << below(8));
    return zipped;
  },
  "swap entries": (archive, below) => {
    const all = files(archive);
    const [one, other] = [pick(all, below), pick(all, below)];
    const swapped = all.map(([name, bytes]): [string, Uint8Array] =>
      name === one[0] ? [name, other[1]] : name === other[0] ? [name, one[1]] : [name, bytes],
    );
    return tar(Object.fromEntries(swapped));
  },
  "drop an entry": (archive, below) => {
    const all = files(archive);
    const gone = below(all.length);
    return tar(Object.fromEntries(all.filter((_, ix) => ix !== gone)));
  },
  "rename an entry": (archive, below) => {
    const all = files(archive);
    const renamed = below(all.length);
    const name = pick(PATHS, below);
    return tar(
      Object.fromEntries(all.map((file, ix) => (ix === renamed ? [name, file[1]] : file))),
    );
  },
  "huge tensor": (archive, below) => {
    const all = files(archive).map(([name, bytes]): [string, Uint8Array] => {
      if (!name.endsWith(".dat")) return [name, bytes];
      const changed = bytes.slice();
      const view = new DataView(changed.buffer);
      const place = pick([4, 8, 12, 16, 20, 44, 48, 50], below);
      if (place < view.byteLength - 4)
        view.setUint32(
          place,
          pick([0, 1, 9, 0x7fff_ffff, 0xffff_ffff, below(1 << 30)], below),
          true,
        );
      return [name, changed];
    });
    return tar(Object.fromEntries(all));
  },
  "other numbers": (archive, below) =>
    edited(archive, (text) => {
      const places = [...text.matchAll(/\b\d+(\.\d+)?\b/g)];
      const { index, 0: found } = pick(places, below);
      return text.slice(0, index) + pick(NUMBERS, below) + text.slice(index + found.length);
    }),
  "other words": (archive, below) =>
    edited(archive, (text) => {
      const places = [...text.matchAll(/[A-Za-z_]\w*/g)];
      const [to, from] = [pick(places, below), pick(places, below)];
      return text.slice(0, to.index) + from[0] + text.slice(to.index + to[0].length);
    }),
  "drop a piece of text": (archive, below) =>
    edited(archive, (text) => {
      const from = below(text.length);
      return text.slice(0, from) + text.slice(from + 1 + below(20));
    }),
  "repeat a piece of text": (archive, below) =>
    edited(archive, (text) => {
      const from = below(text.length);
      const piece = text.slice(from, from + 1 + below(30));
      return text.slice(0, from) + piece.repeat(1 + below(200)) + text.slice(from);
    }),
  nest: (archive, below) =>
    edited(archive, (text) => {
      const times = 10 ** (1 + below(5));
      const [open, close] = pick(
        [
          ["(", ")"],
          ["[", "]"],
          ["relu(", ")"],
          ["-", ""],
          ["!", ""],
          ["1+", ""],
          ["if ", ""],
        ] as const,
        below,
      );
      return text.replace(
        /= ([^;]+);/,
        (_, value) => `= ${open.repeat(times)}${value}${close.repeat(times)};`,
      );
    }),
};

/** The `seed`-th mutation of one of `archives`, and what was done. */
export function mutated(
  archives: readonly Uint8Array[],
  seed: number,
): { bytes: Uint8Array; what: string } {
  const below = random(seed);
  const archive = pick(archives, below);
  const [what, mutate] = pick(Object.entries(mutations), below);
  return { bytes: mutate(archive, below), what };
}

/** A gzipped archive as a tar. */
export const unzipped = (bytes: Uint8Array): Uint8Array => new Uint8Array(gunzipSync(bytes));
