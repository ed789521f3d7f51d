import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { BundleManifest } from "../../web/src/bundle/manifest.js";

const folder = new URL("../../dist/bundles/", import.meta.url);

/** The site's bundles, whichever have been made. */
export const bundles = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((name) => existsSync(new URL(`${name}/manifest.json`, folder)))
  .map((name) => ({
    name,
    manifest: JSON.parse(
      readFileSync(new URL(`${name}/manifest.json`, folder), "utf8"),
    ) as BundleManifest,
  }));

/** Those that find speech in sound. */
export const soundBundles = bundles.filter(
  ({ manifest }) => manifest.audio !== undefined && manifest.pulses.length > 0,
);
