import { assetUrl } from "../base/assets.js";
import { BundleError } from "../base/errors.js";
import { type Bundle, bundleOf } from "./load.js";
import type { BundleManifest } from "./manifest.js";

/** Defined by the library's build, from the bundle it ships. */
declare const SHIPPED_MANIFEST: BundleManifest | undefined;

/**
 * The silero-vad bundle that ships with the package. Its manifest is part of the code: a bundler that renames files
 * would separate it from the archive, and a page saves one request.
 * @param folder holds copies of the package's files
 * @throws BundleError file-missing if the library was built without the bundle
 */
export function shippedBundle(folder?: URL): Bundle {
  const url = assetUrl("sileroPulse", folder);
  if (typeof SHIPPED_MANIFEST === "undefined") {
    const message = "This build of nnef-pulse ships no bundle: name one by the option bundle.";
    throw new BundleError(message, "file-missing", { file: url.href });
  }
  return bundleOf(SHIPPED_MANIFEST, url.href, (path) =>
    path.startsWith("pulse-") ? url : new URL(path, url),
  );
}
