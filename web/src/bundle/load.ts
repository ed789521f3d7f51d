import { BundleError } from "../base/errors.js";
import { folderUrl } from "../base/resolve-url.js";
import { fetchBytes, fetchEntry } from "./fetch-file.js";
import type { BundleManifest } from "./manifest.js";
import { schema } from "./schema.js";
import { violation } from "./validate.js";

/** A bundle with a valid manifest. Its files are fetched on request. */
export interface Bundle {
  readonly manifest: BundleManifest;
  /** URL of a file of the bundle. */
  url(path: string): URL;
  /**
   * Fetches a file of the manifest and checks its type, size and checksum.
   * @throws BundleError
   */
  file(path: string): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Reads and checks a bundle's manifest.
 * @param folder the bundle's URL, relative to the document, with or without trailing slash
 * @throws BundleError
 */
export async function loadBundle(folder: string | URL): Promise<Bundle> {
  const base = folderUrl(folder);
  const url = new URL("manifest.json", base);
  const manifest = parseManifest(await fetchBytes(url), url.href);
  return bundleOf(manifest, url.href, (path) => new URL(path, base));
}

/** A bundle with a given manifest. */
export function bundleOf(
  manifest: BundleManifest,
  where: string,
  url: (path: string) => URL,
): Bundle {
  return {
    manifest,
    url,
    async file(path) {
      const entry = manifest.files.find((file) => file.path === path);
      if (entry === undefined) {
        throw invalid(where, "files", `does not list ${path}`);
      }
      return fetchEntry(url(path), entry);
    },
  };
}

/**
 * Parses a manifest.
 * @param where its URL, for errors
 * @throws BundleError: manifest-unreadable, or manifest-invalid with the field
 */
export function parseManifest(bytes: Uint8Array, where: string): BundleManifest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    const message = "manifest.json is damaged: it is not JSON.";
    throw new BundleError(message, "manifest-unreadable", { file: where }, cause);
  }
  const fault = violation(value, schema);
  if (fault !== undefined) throw invalid(where, fault.field, fault.problem);
  const manifest = value as BundleManifest;
  for (const [index, { file }] of manifest.pulses.entries()) {
    if (!manifest.files.some(({ path }) => path === file)) {
      throw invalid(where, `pulses[${index}].file`, "is not among files");
    }
  }
  return manifest;
}

function invalid(where: string, field: string, problem: string): BundleError {
  const message = `manifest.json is not valid: ${field || "it"} ${problem}.`;
  return new BundleError(message, "manifest-invalid", { file: where, field });
}
