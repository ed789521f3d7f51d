import { bundlesOf, loadBundle } from "nnef-pulse/bundle";
import { USED } from "./offline.js";

/** A file that pages fetch when it is used, and that the service worker therefore has not stored yet. */
interface Optional {
  readonly url: string;
  readonly bytes: number;
}

/** Such files of the site's root, too small to count. */
const SMALL = ["python/index.json", "sample/spoken.json", "tutorial/vit-b-16.nnef.tgz"];

/** Two requests at once: enough for a fast network, and a slow one shows steady progress. */
const PARALLEL = 2;

const megabytes = (bytes: number) => `${Math.max(1, Math.round(bytes / 1e6))} MB`;

/**
 * Wires the button that stores every file of the site in this browser. It is shown with the size once it
 * scrolls into view, where a service worker answers for the page.
 * @param root relative URL of the site's root
 */
export function wireKeepAll(button: HTMLButtonElement, status: HTMLElement, root: string): void {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  const place = button.parentElement;
  if (!place) return;
  new IntersectionObserver(async (entries, observer) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    await navigator.serviceWorker.ready;
    const missing = await missingFiles(new URL(root, document.baseURI));
    if (missing.length === 0) {
      status.textContent = "All pages work offline.";
      return;
    }
    button.textContent = `Keep all for offline (${megabytes(sum(missing))})`;
    button.hidden = false;
    button.addEventListener("click", () => void keepAll(button, status, root));
  }).observe(place);
}

async function keepAll(button: HTMLButtonElement, status: HTMLElement, root: string) {
  button.disabled = true;
  try {
    const missing = await missingFiles(new URL(root, document.baseURI));
    const total = sum(missing);
    const cache = await caches.open(USED);
    let done = 0;
    const queue = missing.values();
    const show = () => {
      status.textContent = `${megabytes(done)} of ${megabytes(total)} kept`;
    };
    show();
    const work = Array.from({ length: PARALLEL }, async () => {
      for (const { url, bytes } of queue) {
        await cache.add(url);
        done += bytes;
        show();
      }
    });
    await Promise.all(work);
    button.hidden = true;
    status.textContent = "All pages work offline.";
  } catch (error) {
    button.disabled = false;
    status.textContent =
      error instanceof DOMException && error.name === "QuotaExceededError"
        ? "This browser has no room left for the rest. What was kept works offline."
        : "The network failed before all files arrived. Press again to go on.";
  }
}

/** The files that are not stored yet, those of bundles that are ready among them. */
async function missingFiles(root: URL): Promise<readonly Optional[]> {
  const folder = new URL("bundles/", root);
  const ready = (await bundlesOf(folder)).filter(({ state }) => state === "ready");
  const bundles = await Promise.all(
    ready.map(({ id }) => filesOfBundle(new URL(`${id}/`, folder))),
  );
  const small = SMALL.map((path) => ({ url: new URL(path, root).href, bytes: 0 }));
  const all = [...small, ...(await filesOfPython(new URL("python/", root))), ...bundles.flat()];
  const stored = await Promise.all(all.map(({ url }) => caches.match(url)));
  return all.filter((_, at) => stored[at] === undefined);
}

async function filesOfBundle(folder: URL): Promise<Optional[]> {
  const { manifest, url } = await loadBundle(folder);
  const files = manifest.files.map(({ path, size }) => ({ url: url(path).href, bytes: size }));
  return [{ url: new URL("manifest.json", folder).href, bytes: 0 }, ...files];
}

async function filesOfPython(folder: URL): Promise<Optional[]> {
  const response = await fetch(new URL("index.json", folder));
  const { bytes }: { bytes: Readonly<Record<string, number>> } = await response.json();
  return Object.entries(bytes).map(([name, size]) => ({
    url: new URL(name, folder).href,
    bytes: size,
  }));
}

const sum = (files: readonly Optional[]) => files.reduce((total, { bytes }) => total + bytes, 0);
