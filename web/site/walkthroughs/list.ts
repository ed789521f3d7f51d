import { loadBundle, whenMade } from "nnef-pulse/bundle";
import { startShell } from "nnef-pulse/look";
import { fetchRecord } from "../live/sound/sample-record.ts";
import { Thumbnail } from "./thumbnail.ts";

startShell();

/** Each entry shows what its bundle says of itself: its manifest alone is fetched. */
for (const place of document.querySelectorAll<HTMLElement>(".thumbnail")) void fill(place);

async function fill(place: HTMLElement) {
  const folder = place.dataset.bundle ?? "";
  await whenMade(folder, () => {
    place.textContent = "Its model is being made";
  });
  try {
    const { manifest } = await loadBundle(folder);
    const record = manifest.audio && (await fetchRecord("../sample/"));
    place.replaceChildren();
    new Thumbnail(place, manifest, record);
  } catch {
    // The page it leads to says what is missing.
    place.textContent = "Its model is not here";
  }
}
