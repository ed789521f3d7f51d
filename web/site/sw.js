// Keeps the site working without a network. The build fills in what its pages consist of.
const version = "VERSION";
/** Every page of the site, and what it loads. */
const files = ["FILES"];

const shell = `shell-${version}`;
/** What pages fetched besides: bundles, Python, the sample. */
const used = "used";
/** Not part of a page's build, but shown by the first page. */
const data = ["DATA"];

addEventListener("install", (event) => event.waitUntil(precache()));
addEventListener("activate", (event) => event.waitUntil(removeOldShells()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const isOurs = new URL(request.url).origin === location.origin;
  if (isOurs && request.method === "GET" && !request.headers.has("range")) {
    event.respondWith(answer(event));
  }
});

async function precache() {
  const cache = await caches.open(shell);
  await cache.addAll(files.map(fresh));
  const rest = await caches.open(used);
  await Promise.allSettled(data.map((path) => rest.add(fresh(path))));
}

/**
 * Past the HTTP cache, where a page of the deployment before may name files that are gone.
 * @param {string} path
 */
function fresh(path) {
  return new Request(path, { cache: hasHash(path) ? "default" : "reload" });
}

/** Also built files that were kept before this shell held all of its own. */
async function removeOldShells() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("shell-") && name !== shell);
  await Promise.all(old.map((name) => caches.delete(name)));
  const rest = await caches.open(used);
  const stale = (await rest.keys()).filter(({ url }) => hasHash(url));
  await Promise.all(stale.map((request) => rest.delete(request)));
  await clients.claim();
}

/**
 * Files built with a hash in their name come from the cache; all else from the network while there is
 * one. A query selects what a page shows, never what a file holds.
 * @param {FetchEvent} event
 */
async function answer(event) {
  const { request } = event;
  const anyQuery = { ignoreSearch: true };
  const cached = await (await caches.open(shell)).match(request, anyQuery);
  if (cached && hasHash(request.url)) return cached;
  try {
    const response = await fetch(request);
    const isNew = cached === undefined && response.status === 200 && !response.redirected;
    // Not awaited: the page may read the response while it is stored.
    if (isNew) event.waitUntil(keep(request.url, response.clone()));
    return response;
  } catch (error) {
    const saved = cached ?? (await caches.match(request, anyQuery));
    if (saved) return saved;
    throw error;
  }
}

/**
 * @param {string} url
 * @param {Response} response
 */
async function keep(url, response) {
  const { origin, pathname } = new URL(url);
  try {
    await (await caches.open(used)).put(origin + pathname, response);
  } catch {
    // The storage is full: the page has its response all the same.
  }
}

/** @param {string} url of a file whose name changes with what it holds */
function hasHash(url) {
  return new URL(url, location.href).pathname.includes("/assets/");
}
