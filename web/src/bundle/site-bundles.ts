import { folderUrl } from "../base/resolve-url.js";

/** A line of a site's `bundles/index.json`. */
export interface BundleEntry {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly state: "ready" | "building" | "failed";
}

/** Seconds between questions whether a bundle that is being made is there. */
const ASK_AGAIN = 3;

/**
 * The bundles of a site by its own list; none where it has no list.
 * @param folder that of all bundles, relative to the document
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
 * Resolves when the site's list does not say, or no longer says, that a bundle is being made.
 * @param folder the bundle's, relative to the document
 * @param waiting called each time it turns out that it still is
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
