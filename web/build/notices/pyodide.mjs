import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inRoot } from "../../../setup/paths.mjs";
import { section, standardText } from "./document.mjs";

/**
 * What Pyodide's WebAssembly module is built of, besides its own code: it carries no list, so each
 * is known by what it leaves in the file, with its version where that stands there.
 */
const parts = [
  { name: "bzip2", mark: /libbzip2/, licence: "bzip2-1.0.6", holders: "" },
  { name: "Expat", mark: /expat_([\d.]+)/, licence: "MIT", holders: "the Expat maintainers" },
  {
    name: "HACL*",
    mark: /Hacl_Hash/,
    licence: "MIT",
    holders: "INRIA, CMU, Microsoft Corporation and the HACL* contributors",
  },
  {
    name: "libffi",
    mark: /ffi_call/,
    licence: "MIT",
    holders: "Anthony Green, Red Hat, Inc and others",
  },
  { name: "libmpdec", mark: /libmpdec/, licence: "BSD-2-Clause", holders: "Stefan Krah" },
  {
    name: "mimalloc",
    mark: /mimalloc/,
    licence: "MIT",
    holders: "Microsoft Corporation, Daan Leijen",
  },
  { name: "SQLite", mark: /SQLite format 3/, licence: "blessing", holders: "" },
  {
    name: "XZ Utils, liblzma",
    mark: /lzma_stream/,
    licence: "0BSD",
    holders: "the XZ Utils authors",
  },
  {
    name: "zlib",
    mark: /inflate ([\d.]+) Copyright/,
    licence: "Zlib",
    holders: "Jean-loup Gailly and Mark Adler",
  },
];

/** Sections for Python in the page: Pyodide, as its npm package brings it. */
export async function pyodideSections() {
  const folder = inRoot("node_modules", "pyodide");
  const read = (/** @type {string} */ name) => readFile(join(folder, name));
  const { version, license, homepage } = JSON.parse((await read("package.json")).toString());
  const { info } = JSON.parse((await read("pyodide-lock.json")).toString());
  const module = (await read("pyodide.asm.wasm")).toString("latin1");
  const within = `in Pyodide ${version}`;
  return [
    section({
      name: "Pyodide",
      version,
      licence: license,
      home: homepage,
      texts: [standardText(license, "the Pyodide developers")],
    }),
    section({
      name: "CPython",
      version: info.python,
      licence: "Python-2.0.1",
      home: "https://github.com/python/cpython",
      texts: [
        standardText("Python-2.0.1", "2001 Python Software Foundation; All Rights Reserved"),
        "What it incorporates in turn: https://docs.python.org/3/license.html",
      ],
    }),
    section({
      name: "Emscripten's system libraries",
      version: info.platform.replace(/^emscripten_/, "").replaceAll("_", "."),
      licence: "MIT AND Apache-2.0 WITH LLVM-exception",
      home: "https://github.com/emscripten-core/emscripten",
      texts: [
        standardText("MIT", "the Emscripten authors; Rich Felker and others, for musl"),
        "libc++, libc++abi, libunwind and compiler-rt in them are by the LLVM project.",
      ],
    }),
    ...parts.map(({ name, mark, licence, holders }) => {
      const found = mark.exec(module);
      if (!found) throw new Error(`Pyodide ${version} no longer holds ${name}: see its new parts.`);
      const which = [found[1], within].filter(Boolean).join(" ");
      return section({ name, version: which, licence, texts: [standardText(licence, holders)] });
    }),
  ];
}
