/** Keeps the page working without a network once it has been used; see `sw.js`. */
export function keepOffline(): void {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  // Refused where storage is forbidden; the page then needs the network, and nothing else changes.
  navigator.serviceWorker.register("./sw.js").catch(() => undefined);
}
