import { loadTract, type Tensor, type Tract, tensor } from "tract-wasm";
import { faultOf } from "../../base/inspect-error.js";
import { ITEM_ARRAYS } from "../../formats/item-arrays.js";
import { watchArrivals } from "./download-progress.js";
import { type FromPython, type Shown, type ToPython, totalBytes } from "./protocol.js";

/** The part of Pyodide's API that is used. */
interface Pyodide {
  readonly version: string;
  readonly FS: {
    mkdirTree(path: string): void;
    readdir(path: string): string[];
    unlink(path: string): void;
    writeFile(path: string, data: Uint8Array): void;
  };
  readonly globals: { get(name: string): unknown; set(name: string, value: unknown): void };
  unpackArchive(bytes: ArrayBuffer | Uint8Array, format: string): void;
  registerJsModule(name: string, module: object): void;
  runPython(code: string): unknown;
  runPythonAsync(code: string, options?: { filename?: string }): Promise<unknown>;
  setStdout(options: { batched: (text: string) => void }): void;
  setStderr(options: { batched: (text: string) => void }): void;
  toPy(value: unknown): unknown;
  readonly code?: unknown;
}

type Load = (options: { indexURL: string }) => Promise<Pyodide>;
type Callable = ((...args: unknown[]) => unknown) & { destroy(): void };

const FOLDER = "/bundle";
let python: Pyodide | undefined;
let tract: Tract | undefined;
let wasm = "";
let running = 0;

const post = (message: FromPython) => postMessage(message);

/** Engine functions for the package `tract` in page/. */
const bridge = {
  get tract() {
    return tract;
  },
  tensor(dtype: Tensor["dtype"], shape: number[], bytes: Uint8Array): Tensor {
    const items = new ITEM_ARRAYS[dtype](bytes.slice().buffer);
    return tensor(items as Float32Array, shape, dtype as "f32");
  },
  bytes: ({ data }: Tensor) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
};

async function start({ base, wasm: engine, files }: Extract<ToPython, { type: "start" }>) {
  const began = performance.now();
  wasm = engine;
  const total = totalBytes(files);
  const rest = watchArrivals(base, files.bytes, (loaded) =>
    post({ type: "progress", loaded, total }),
  );
  const wheels = files.wheels.map(async (name) => (await fetch(new URL(name, base))).arrayBuffer());
  // Known only at run time: each bundler has a comment of its own that says so.
  const { loadPyodide } = (await import(
    /* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ `${base}pyodide.mjs`
  )) as { loadPyodide: Load };
  const loaded = await loadPyodide({ indexURL: base });
  for (const wheel of await Promise.all(wheels)) loaded.unpackArchive(wheel, "wheel");
  loaded.registerJsModule("nnef_page_engine", bridge);
  loaded.globals.set("_select", (name: string) => post({ type: "select", name: String(name) }));
  loaded.setStdout({
    batched: (text) => post({ type: "print", id: running, text, isError: false }),
  });
  loaded.setStderr({
    batched: (text) => post({ type: "print", id: running, text, isError: true }),
  });
  python = loaded;
  rest();
  post({ type: "ready", version: loaded.version, ms: performance.now() - began });
}

let prepared = false;

/** Imports the modules for cells after Python is ready, before a cell runs. */
function prepare(loaded: Pyodide) {
  if (prepared) return;
  prepared = true;
  loaded.runPython(PRELUDE);
}

/** Global names of every cell. `take` adds the open model. */
const PRELUDE = `
import nnef_page
from nnef_page import bars, colour, diff, svg, table
from nnef_pulse import nnef
def select(name):
    """Selects a name in the text and the graph."""
    _select(str(name))
def _open(title, file):
    global bundle, graph
    bundle = nnef_page.Bundle(title, file)
    try:
        graph = bundle.graph
    except nnef.NnefError as error:
        graph = None
        print(f"{file} cannot be read: {error}")
`;

function take({ subject }: Extract<ToPython, { type: "subject" }>) {
  if (!python) return;
  prepare(python);
  const { FS } = python;
  FS.mkdirTree(FOLDER);
  for (const name of FS.readdir(FOLDER)) if (!name.startsWith(".")) FS.unlink(`${FOLDER}/${name}`);
  for (const { name, bytes } of subject.files) {
    FS.writeFile(`${FOLDER}/${name.replaceAll("/", "_")}`, bytes);
  }
  call("_open", subject.title, subject.file.replaceAll("/", "_"));
}

/** Calls a Python function by name; values are passed as arguments, not as code. */
function call(name: string, ...args: unknown[]): unknown {
  const callable = python?.globals.get(name) as Callable | undefined;
  try {
    return callable?.(...args);
  } finally {
    callable?.destroy();
  }
}

async function run({ id, code, selected, colours }: Extract<ToPython, { type: "run" }>) {
  if (!python) return;
  prepare(python);
  running = id;
  const began = performance.now();
  try {
    if (/\btract\b/.test(code)) tract ??= await loadTract({ wasm: new URL(wasm) });
    python.globals.set("selected", selected ?? null);
    python.globals.set("_colours", python.toPy(colours));
    python.runPython("colour.__dict__.update(_colours)");
    const value = await python.runPythonAsync(code, { filename: "cell" });
    python.globals.set("_", value);
    const drawn = python.runPython("nnef_page.shown(_)") as
      | { toJs(options: object): Shown; destroy(): void }
      | undefined;
    const shown = drawn?.toJs({ dict_converter: Object.fromEntries });
    drawn?.destroy();
    post({ type: "done", id, shown, ms: performance.now() - began });
  } catch (error) {
    post({
      type: "raised",
      id,
      text: tidy(String((error as Error).message)),
      ms: performance.now() - began,
    });
  }
}

/** The part of a traceback that concerns the cell. */
function tidy(traceback: string): string {
  const at = traceback.indexOf('  File "cell"');
  return (at < 0 ? traceback : `Traceback:\n${traceback.slice(at)}`).trim();
}

let turn = Promise.resolve();
addEventListener("message", ({ data }: MessageEvent<ToPython>) => {
  turn = turn.then(async () => {
    try {
      if (data.type === "start") await start(data);
      else if (data.type === "subject") take(data);
      else await run(data);
    } catch (error) {
      post({ type: "failed", fault: faultOf(error) });
    }
  });
});
