import { execFileSync } from "node:child_process";
import { loadPyodide } from "pyodide";
import { expect, test } from "vitest";
import { inRoot, inVenv } from "../../../setup/paths.mjs";

/** Runs the tests of a module that needs no test runner, and gives the traceback of each that fails. */
const RUN = `
import json, sys, traceback
sys.path[:0] = ["/lark", "/exporter", "/repository/tests/python", "/repository/tests/python/nnef"]
import test_reader

def outcome(run):
    try:
        run()
    except BaseException:
        return traceback.format_exc()
    return ""

cases = {name: run for name, run in vars(test_reader).items() if name.startswith("test_")}
json.dumps({name: outcome(run) for name, run in cases.items()})
`;

test("the reader's cases pass in Pyodide as they do on CPython", { timeout: 300_000 }, async () => {
  const lark = execFileSync(inVenv("python"), ["-c", "import lark; print(lark.__path__[0])"]);
  const pyodide = await loadPyodide();
  const mount = (at: string, folder: string) => {
    pyodide.FS.mkdirTree(at);
    pyodide.mountNodeFS(at, folder);
  };
  mount("/lark/lark", lark.toString().trim());
  mount("/exporter", inRoot("exporter"));
  mount("/repository", inRoot());
  const outcomes = JSON.parse(pyodide.runPython(RUN)) as Record<string, string>;
  expect(Object.keys(outcomes).length).toBeGreaterThan(10);
  for (const [name, traceback] of Object.entries(outcomes)) expect(traceback, name).toBe("");
});
