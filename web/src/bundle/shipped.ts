import { assets } from "../base/assets.js";
import { BundleError } from "../base/errors.js";
import { type Bundle, bundleOf } from "./load.js";
import type { BundleManifest } from "./manifest.js";

/** Put in by the build of the library, from the bundle it ships. */
declare const SHIPPED_MANIFEST: BundleManifest | undefined;

/**
 * The silero-vad bundle that comes with the package. Its manifest is part of the code: a bundler that renames files
 * would tear the folder apart, and a page has one request less to wait for.
 * @throws BundleError file-missing where the library was built without it
 */
export function shippedBundle(): Bundle {
  const url = assets.sileroPulse();
  if (typeof SHIPPED_MANIFEST === "undefined") {
    const message = "This build of nnef-pulse ships no bundle: name one by the option bundle.";
    throw new BundleError(message, "file-missing", { file: url.href });
  }
  return bundleOf(SHIPPED_MANIFEST, url.href, (path) =>
    path.startsWith("pulse-") ? url : new URL(path, url),
  );
}
