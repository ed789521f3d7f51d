/** As in `sw.js`: what is kept because it was used. */
export const USED = "used";

/**
 * Keeps the page working without a network once it has been used; see `sw.js`.
 * @param root the way from the page to the site's root
 */
export async function keepOffline(root: string): Promise<void> {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  const { serviceWorker } = navigator;
  const isFirst = serviceWorker.controller === null;
  const inCharge = new Promise((resolve) => {
    serviceWorker.addEventListener("controllerchange", resolve, { once: true });
  });
  try {
    await serviceWorker.register(`${root}sw.js`);
    if (!isFirst) return;
    await inCharge;
    await keepLoaded();
  } catch {
    // Refused where storage is forbidden; the page then needs the network, and nothing else changes.
  }
}

/** On a first visit the page was fetched before anybody kept what is fetched. */
async function keepLoaded() {
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const own = [location.href, ...loaded].filter((url) => url.startsWith(`${location.origin}/`));
  const cache = await caches.open(USED);
  const keep = async (url: string) =>
    (await caches.match(url, { ignoreSearch: true })) ?? cache.add(url.replace(/[?#].*/, ""));
  await Promise.allSettled([...new Set(own)].map(keep));
}
