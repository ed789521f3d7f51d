export { BundleError, type BundleErrorCode, VadError } from "./base/errors.js";
export { type Bundle, loadBundle, parseManifest } from "./bundle/load.js";
export type { BundleManifest } from "./bundle/manifest.js";
export { type BundleEntry, bundlesOf, whenMade } from "./bundle/site-bundles.js";
