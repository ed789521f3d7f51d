import { folderUrl } from "../base/resolve-url.js";

/** An entry of a site's `bundles/index.json`. */
export interface BundleEntry {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly state: "ready" | "building" | "failed";
}

/** Seconds between checks of a bundle that is being made. */
const ASK_AGAIN = 3;

/**
 * The bundles of a site, from its list; empty if it has no list.
 * @param folder of all bundles, relative to the document
 */
export async function bundlesOf(folder: string | URL): Promise<readonly BundleEntry[]> {
  try {
    const response = await fetch(new URL("index.json", folderUrl(folder)), { cache: "no-store" });
    return response.ok ? await response.json() : [];
  } catch {
    return [];
  }
}

/**
 * Resolves once the site's list no longer says that a bundle is being made.
 * @param folder of the bundle, relative to the document
 * @param waiting called after each check that finds it still being made
 */
export async function whenMade(folder: string | URL, waiting: () => void): Promise<void> {
  const url = folderUrl(folder);
  const id = decodeURIComponent(url.pathname.split("/").at(-2) ?? "");
  for (;;) {
    const entry = (await bundlesOf(new URL("../", url))).find((each) => each.id === id);
    if (entry?.state !== "building") return;
    waiting();
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN * 1000));
  }
}
