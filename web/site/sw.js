// Keeps the site working without a network. The build fills in what its pages consist of.
const version = "VERSION";
/** The first pages, kept for everybody. */
const files = ["FILES"];
/**
 * What each other page consists of besides, by its address: kept for who has used it.
 * @type {Record<string, string[]>}
 */
const pages = { PAGES: [] };

const shell = `shell-${version}`;
const used = "used";
/** Made beside the site and changing on their own: always asked for anew while there is a network. */
const data = ["./sample/sample.json", "./sample/sample.wav", "./bundles/index.json"];

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(tidy()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const ours = new URL(request.url).origin === location.origin;
  if (ours && request.method === "GET" && !request.headers.has("range")) {
    event.respondWith(answer(request));
  }
});

/** The whole shell, with the pages that were used under an older one, or nothing; of the data what can be had. */
async function keep() {
  const cache = await caches.open(shell);
  const rest = await caches.open(used);
  const known = (await rest.keys()).map(({ url }) => new URL(url).pathname);
  const again = Object.keys(pages).filter((page) => known.includes(here(page).pathname));
  await cache.addAll([...files, ...new Set(again.flatMap((page) => pages[page] ?? []))]);
  await Promise.allSettled(data.map((path) => rest.add(path)));
}

/** Older shells go, and what was kept on use of the pages they belonged to; not what is of this version already. */
async function tidy() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("shell-") && name !== shell);
  await Promise.all(old.map((name) => caches.delete(name)));
  const rest = await caches.open(used);
  const own = new Set(
    Object.values(pages).flatMap((built) => built.map((path) => here(path).href)),
  );
  const stale = (await rest.keys()).filter(({ url }) => url.includes("/assets/") && !own.has(url));
  await Promise.all(stale.map((request) => rest.delete(request)));
  await clients.claim();
}

/** @param {string} path as the build writes it */
function here(path) {
  return new URL(path, location.href);
}

/** Files whose name holds their hash come from the shell; all else from the network while there is one. */
async function answer(request) {
  const search = { ignoreSearch: request.mode === "navigate" };
  const kept = await (await caches.open(shell)).match(request, search);
  if (kept && new URL(request.url).pathname.includes("/assets/")) return kept;
  try {
    const response = await fetch(request);
    if (response.status === 200) await (await caches.open(used)).put(request, response.clone());
    return response;
  } catch (error) {
    const saved = kept ?? (await caches.match(request, search));
    if (saved) return saved;
    throw error;
  }
}
