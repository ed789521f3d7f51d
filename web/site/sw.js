// Keeps the site working without a network. The build fills in what the first pages consist of.
const version = "VERSION";
const files = ["FILES"];

const shell = `shell-${version}`;
const used = "used";
/** Made beside the site and changing on their own: always asked for anew while there is a network. */
const data = ["./sample/sample.json", "./sample/sample.wav", "./bundles/index.json"];

addEventListener("install", (event) => event.waitUntil(keep()));
addEventListener("activate", (event) => event.waitUntil(tidy()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const here = new URL(request.url).origin === location.origin;
  if (here && request.method === "GET" && !request.headers.has("range")) {
    event.respondWith(answer(request));
  }
});

/** The whole shell or nothing; of the data what can be had. */
async function keep() {
  const cache = await caches.open(shell);
  await cache.addAll(files);
  const rest = await caches.open(used);
  await Promise.allSettled(data.map((path) => rest.add(path)));
}

/** Older shells go, and what was kept on use of the pages they belonged to. */
async function tidy() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("shell-") && name !== shell);
  await Promise.all(old.map((name) => caches.delete(name)));
  const rest = await caches.open(used);
  const built = (await rest.keys()).filter(({ url }) => url.includes("/assets/"));
  await Promise.all(built.map((request) => rest.delete(request)));
  await clients.claim();
}

/** Files whose name holds their hash come from the shell; all else from the network while there is one. */
async function answer(request) {
  const kept = await (await caches.open(shell)).match(request);
  if (kept && new URL(request.url).pathname.includes("/assets/")) return kept;
  const search = { ignoreSearch: request.mode === "navigate" };
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
