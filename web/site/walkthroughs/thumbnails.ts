import { loadBundle, whenMade } from "nnef-pulse/bundle";
import { fetchRecord } from "../live/sound/sample-record.ts";
import { Thumbnail } from "./thumbnail.ts";

/**
 * Draws the thumbnails of the page as they come into view. Of each bundle only the manifest is fetched.
 * @param sample relative URL of the site's sample
 */
export function showThumbnails(sample: string): void {
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      void fill(target as HTMLElement, sample);
    }
  });
  for (const place of document.querySelectorAll(".thumbnail")) seen.observe(place);
}

async function fill(place: HTMLElement, sample: string) {
  const folder = place.dataset.bundle ?? "";
  await whenMade(folder, () => {
    place.textContent = "Its model is being made";
  });
  try {
    const { manifest } = await loadBundle(folder);
    const record = manifest.audio && (await fetchRecord(sample));
    place.replaceChildren();
    new Thumbnail(place, manifest, record);
  } catch {
    // The page it leads to says what is missing.
    place.textContent = "Its model is not here";
  }
}
