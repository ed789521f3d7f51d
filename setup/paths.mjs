import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** An absolute path inside the repository. @param {...string} parts */
export const inRoot = (...parts) => resolve(root, ...parts);

/** What set-up remembers of this clone: stamps, logs, test reports, half-made things. */
export const buildDir = inRoot(".build");

/** The built site. */
export const siteDir = inRoot("dist");

/** The built pages that the wheel carries. */
export const viewerDir = inRoot(".build/viewer");

/** The Python environment of this clone. */
export const venvDir = inRoot(".venv");

/** What is slow to make and shared by all clones of this user. */
export const cacheDir = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "nnef-pulse");

/** A program of a Python environment. @param {string} venv its folder @param {string} name */
export const programIn = (venv, name) =>
  process.platform === "win32" ? join(venv, "Scripts", `${name}.exe`) : join(venv, "bin", name);

/** A program of this clone's Python environment. @param {string} name */
export const inVenv = (name) => programIn(venvDir, name);
