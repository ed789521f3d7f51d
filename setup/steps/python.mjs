import { copyFile, lstat, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { command as ask } from "../graph/command.mjs";
import { sha256 } from "../graph/fingerprint.mjs";
import { inRoot, inVenv, programIn, venvDir } from "../paths.mjs";
import { thisMachine } from "../preflight/machine.mjs";
import { findPython } from "../preflight/python.mjs";

const lock = "requirements.lock";

/**
 * The environment in two layers. The locked dependencies, PyTorch among them, are gigabytes: they
 * live in the cache, one copy for every clone. `.venv` is light: it adds that copy to its path and
 * holds the project itself, so that the code that runs is the code in this clone.
 * @param {import("../graph/cache.mjs").Cache} cache @returns {import("../graph/graph.mjs").Step}
 */
export const pythonEnvironment = (cache) => ({
  name: "python",
  title: "Making the Python environment",
  inputs: [lock, "pyproject.toml"],
  facts: async () => [await dependenciesKey()],
  outputs: [".venv"],
  isValid: async () => Boolean(await cache.find("python", await dependenciesKey())),
  remedy:
    "pip could not make the environment: see that the network and the package index can be reached.",
  run: async ({ command, say }) => {
    const python = await requirePython();
    const dependencies = await cache.ensure(
      "python",
      await dependenciesKey(),
      async (folder) => {
        say(`fetching the locked packages for Python ${python.version}, several gigabytes`);
        await makeVenv(command, python, folder);
        const pip = ["-m", "pip", "install", "--no-cache-dir", "--disable-pip-version-check"];
        const options = ["--progress-bar=off", "--require-hashes", "-r", inRoot(lock)];
        await command(programIn(folder, "python"), [...pip, ...options]);
      },
      { onWait: () => say("waiting for another run that fetches the same packages") },
    );
    await rm(venvDir, { recursive: true, force: true });
    await makeVenv(command, python, venvDir, ["--without-pip"]);
    await addToPath(dependencies);
    await linkPrograms(dependencies);
    const editable = ["install", "--no-deps", "--no-build-isolation", "--no-index", "-e", "."];
    await command(inVenv("python"), ["-m", "pip", ...editable]);
  },
});

/** @type {ReturnType<typeof findPython> | undefined} */
let found;

/** The Python that environments are made with, here before any of them. */
export async function requirePython() {
  found ??= findPython(thisMachine()); // starting every Python there is takes a while
  const { python } = await found;
  if (!python) throw new Error("no Python was found that can make an environment");
  return python;
}

/** What the dependencies were built from: the lock, and the Python and machine they are for. */
async function dependenciesKey() {
  const { version } = await requirePython();
  const lockHash = sha256(await readFile(inRoot(lock))).slice(0, 16);
  const minor = version.split(".").slice(0, 2).join(".");
  return `${process.platform}-${process.arch}-${minor}-${lockHash}`;
}

/**
 * @param {import("../graph/graph.mjs").StepContext["command"]} command
 * @param {import("../preflight/python.mjs").Python} python @param {string} folder
 * @param {string[]} options
 */
async function makeVenv(command, python, folder, options = []) {
  await command(python.program, [...python.args, "-m", "venv", ...options, folder]);
}

/** Where a venv keeps its packages. @param {string} venv @returns {Promise<string>} */
async function packagesOf(venv) {
  const question = "import sysconfig; print(sysconfig.get_path('purelib'))";
  return (await ask(programIn(venv, "python"), ["-I", "-c", question])).trim();
}

/** @param {string} dependencies */
async function addToPath(dependencies) {
  // site.addsitedir, unlike a bare line, also reads the .pth files in there.
  const line = `import site; site.addsitedir(${JSON.stringify(await packagesOf(dependencies))})\n`;
  await writeFile(join(await packagesOf(venvDir), "dependencies.pth"), line);
}

/**
 * Makes pytest, ruff and the like callable as `.venv/bin/NAME`: scripts with this environment's
 * interpreter in their first line, binaries by link. On Windows `python -m NAME` remains.
 * @param {string} dependencies
 */
async function linkPrograms(dependencies) {
  if (process.platform === "win32") return;
  const programs = dirname(programIn(dependencies, "python"));
  for (const name of await readdir(programs)) {
    const [from, to] = [join(programs, name), inVenv(name)];
    if (/^(python|pip|activate)/i.test(name) || (await lstat(from)).isSymbolicLink()) continue;
    const bytes = await readFile(from);
    if (bytes.subarray(0, 2).toString("latin1") !== "#!") {
      await symlink(from, to);
      continue;
    }
    await copyFile(from, to); // with its permissions
    await writeFile(to, bytes.toString("utf8").replace(/^#!.*python.*$/m, `#!${inVenv("python")}`));
  }
}
