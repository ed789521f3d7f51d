/** Seconds between questions whether a bundle that is being made is there. */
const ASK_AGAIN = 3;

interface Entry {
  readonly id: string;
  readonly state: "ready" | "building" | "failed";
}

/** Resolves when the site's own list no longer says that the bundle is being made. */
export async function made(folder: string, stages: readonly HTMLElement[]): Promise<void> {
  const url = new URL(folder.endsWith("/") ? folder : `${folder}/`, document.baseURI);
  const id = url.pathname.split("/").at(-2);
  for (;;) {
    const list: Entry[] = await fetch(new URL("../index.json", url), { cache: "no-store" })
      .then((response) => (response.ok ? response.json() : []))
      .catch(() => []);
    if (list.find((each) => each.id === id)?.state !== "building") return;
    for (const stage of stages) stage.dataset.waiting = "The model is being made, on this machine";
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN * 1000));
  }
}
