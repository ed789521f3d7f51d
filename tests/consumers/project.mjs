import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import { attempt, command } from "../../setup/graph/command.mjs";
import { inRoot } from "../../setup/paths.mjs";

const packed = inRoot("dist-pack");

/** Both tarballs that `npm run pack` makes. */
export async function tarballs() {
  const names = await readdir(packed).catch(() => []);
  const found = ["nnef-pulse", "tract-wasm"].map((name) =>
    names.find((file) => file.startsWith(`${name}-`) && file.endsWith(".tgz")),
  );
  if (found.includes(undefined)) throw new Error("dist-pack has no tarballs: npm run pack");
  return found.map((name) => join(packed, String(name)));
}

/** The files that a page of the documents shows, by the names it gives them. @param {string} page */
export async function shownIn(page) {
  const text = await readFile(inRoot(page), "utf8");
  const blocks = text.matchAll(/^```\w+ file=(\S+)\n(.*?)^```$/gms);
  return Object.fromEntries(Array.from(blocks, ([, name = "", body = ""]) => [name, body]));
}

/** A folder outside the repository, with the tarballs installed as a user would. */
export class Project {
  /** @param {string} folder */
  constructor(folder) {
    this.folder = folder;
  }

  /**
   * @param {Readonly<Record<string, string>>} packages what is installed beside ours: version by name
   * @param {Readonly<Record<string, unknown>>} [manifest] more fields of package.json
   */
  static async create(packages, manifest = {}) {
    const project = new Project(await mkdtemp(join(tmpdir(), "consumer-")));
    try {
      await project.write({ "package.json": JSON.stringify({ type: "module", ...manifest }) });
      const names = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
      const options = ["--no-audit", "--no-fund", "--prefer-offline", "--save-exact"];
      await project.run("npm", ["install", ...options, ...(await tarballs()), ...names]);
      return project;
    } catch (error) {
      await project.remove();
      throw error;
    }
  }

  /** @param {...string} parts */
  path(...parts) {
    return join(this.folder, ...parts);
  }

  /** @param {Readonly<Record<string, string>>} files text by path */
  async write(files) {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(this.path(name)), { recursive: true });
      await writeFile(this.path(name), text);
    }
  }

  /** @param {string} from a path in the package `nnef-pulse` @param {string} to */
  async copy(from, to) {
    await cp(this.path("node_modules/nnef-pulse", from), this.path(to), { recursive: true });
  }

  /** Runs a program here; its output where it ends badly. @param {string} program @param {readonly string[]} args */
  run(program, args, env = {}) {
    return command(program, args, { cwd: this.folder, env: { ...quiet, ...env } });
  }

  /** Runs a program of an installed package. @param {string} program @param {readonly string[]} args */
  npx(program, args, env = {}) {
    return this.run("npx", ["--no-install", program, ...args], env);
  }

  /**
   * Runs a program that prints `at URL` once it serves pages, and ends it after `use`.
   *
   * @template T
   * @param {string} program @param {readonly string[]} args
   * @param {(url: string) => Promise<T>} use
   * @returns {Promise<T>}
   */
  async serving(program, args, use) {
    const ending = new AbortController();
    const log = new PassThrough();
    const { signal } = ending;
    const ended = attempt(program, args, { cwd: this.folder, env: quiet, signal, log });
    try {
      const url = await Promise.race([
        addressIn(log),
        ended.then(({ all }) => Promise.reject(new Error(`it serves nothing: ${all}`))),
      ]);
      return await use(url);
    } finally {
      ending.abort();
      await ended;
    }
  }

  remove() {
    return rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The first address that a program prints after `at`. @param {PassThrough} log @returns {Promise<string>} */
function addressIn(log) {
  let text = "";
  return new Promise((resolve) => {
    log.on("data", (chunk) => {
      text += chunk;
      const [, url] = text.match(/\bat (http:\S+)\s/) ?? [];
      if (url) resolve(url);
    });
  });
}

/** Programs that report home would only wait for an answer. */
const quiet = { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: undefined, CI: "1" };
