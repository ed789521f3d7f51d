import { InspectError } from "../../base/inspect-error.js";
import { READ_LIMITS } from "../../base/limits.js";
import { type Bundle, loadBundle, parseManifest } from "../../bundle/load.js";

/** Something to inspect: its archives by file name, the first to open first. */
export interface Subject {
  readonly title: string;
  /** File names of its archives, e.g. `model.nnef.tgz`, `pulse-S8.nnef.tgz`. */
  readonly archives: readonly string[];
  /** Reads a file; undefined if there is none of that name. */
  read(file: string): Promise<Uint8Array | undefined>;
  readonly bundle: Bundle | undefined;
}

const ARCHIVE = /\.nnef\.(tgz|tar|tar\.gz)$|\.tgz$|\.tar$|(^|\/)graph\.nnef$/;
const REFERENCE = "reference.safetensors";
const MANIFEST = "manifest.json";

/**
 * Opens a bundle by the URL of its folder.
 *
 * @throws BundleError
 */
export async function openBundle(url: string | URL): Promise<Subject> {
  const bundle = await loadBundle(url);
  const { manifest } = bundle;
  const files = manifest.files.map((each) => each.path);
  const kept = new Map<string, Promise<Uint8Array>>();
  return {
    title: manifest.title,
    archives: ["model.nnef.tgz", ...manifest.pulses.map((each) => each.file)],
    bundle,
    async read(file) {
      if (!files.includes(file)) return undefined;
      const reading = kept.get(file) ?? bundle.file(file);
      kept.set(file, reading);
      // A failed read may be tried again.
      reading.catch(() => kept.delete(file));
      return reading;
    },
  };
}

/**
 * Opens an archive by its URL, which must have the page's origin.
 *
 * @throws InspectError `source`, `limit`
 */
export async function openUrl(address: string): Promise<Subject> {
  const url = new URL(address, document.baseURI);
  const name = decodeURIComponent(url.pathname.split("/").at(-1) ?? "") || url.href;
  if (url.origin !== location.origin) {
    throw new InspectError(
      `only files of ${location.host} can be opened, not of ${url.host}`,
      "source",
    );
  }
  let bytes: Uint8Array;
  try {
    const response = await fetch(url);
    if (!response.ok) {
      throw new InspectError(
        `${name} was not found: the server answered ${response.status}`,
        "source",
      );
    }
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof InspectError) throw error;
    throw new InspectError(`${name} could not be fetched`, "source", { cause: error });
  }
  return single(name, bytes);
}

/**
 * Opens files of the user: one archive, the files of a bundle, or those of an unpacked archive.
 *
 * @throws InspectError `graph-missing`, `limit`; BundleError for an invalid manifest.json among them
 */
export async function openFiles(files: readonly File[]): Promise<Subject> {
  const big = files.find((file) => file.size > READ_LIMITS.archiveBytes);
  if (big)
    throw new InspectError(
      `${big.name} has ${big.size} bytes, which exceeds the limit of ${READ_LIMITS.archiveBytes}`,
      "limit",
    );
  const byName = new Map(files.map((file) => [file.name, file]));
  const archives = [...byName.keys()]
    .filter((name) => ARCHIVE.test(name))
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  const [first] = archives;
  if (first === undefined) {
    const names = files.slice(0, 3).map((file) => file.name);
    throw new InspectError(
      `found no .nnef.tgz, .nnef.tar or graph.nnef among ${names.join(", ")}`,
      "graph-missing",
    );
  }
  const read = async (file: string) => {
    const found = byName.get(file);
    return found && new Uint8Array(await found.arrayBuffer());
  };
  const manifest = await read(MANIFEST);
  if (manifest !== undefined) {
    const bundle = localBundle(manifest, read);
    return { title: bundle.manifest.title, archives, read, bundle };
  }
  const folder = files.find((file) => file.webkitRelativePath)?.webkitRelativePath.split("/")[0];
  return { title: folder ?? first, archives, read, bundle: undefined };
}

/** A bundle whose files the user gave. */
function localBundle(
  manifest: Uint8Array,
  read: (file: string) => Promise<Uint8Array<ArrayBuffer> | undefined>,
): Bundle {
  return {
    manifest: parseManifest(manifest, MANIFEST),
    // Names a file in errors: nothing is fetched.
    url: (path) => new URL(path, "file:///"),
    async file(path) {
      const bytes = await read(path);
      if (bytes === undefined) throw new InspectError(`${path} is not in the folder`, "source");
      return bytes;
    },
  };
}

/** A subject of one archive. */
export function single(name: string, bytes: Uint8Array): Subject {
  return {
    title: name,
    archives: [name],
    bundle: undefined,
    read: async (file) => (file === name ? bytes : undefined),
  };
}

/** Sorts the whole model before its pulsed forms. */
const rank = (name: string): number =>
  name.startsWith("model.") ? 0 : name.startsWith("pulse-") ? 1 : 2;

/** The reference inputs and outputs, if the subject has them. */
export const readReference = (subject: Subject): Promise<Uint8Array | undefined> =>
  subject.read(REFERENCE);
