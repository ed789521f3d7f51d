import { makeOtherBundles } from "../other-bundles.mjs";

/**
 * Making the bundles that are not there yet: what a failed export would have proven did not hold.
 * Training keeps one core busy for minutes, compiling the native tests mostly the other.
 *
 * @returns {Promise<import("./run.mjs").Suite>}
 */
export async function bundles() {
  const make = await makeOtherBundles();
  return {
    name: "bundles",
    title: "Bundles (nnef-pulse export)",
    place: "beside",
    run: async () => ({ passed: 0, failed: (await make()).length, skipped: 0 }),
  };
}
