import { html, render } from "lit";
import { type ArchiveReading, archiveAt } from "nnef-pulse/reading";
import type { Lesson } from "./lesson.ts";

/**
 * Fills `<pre data-excerpt="ARCHIVE" data-lines="REGEX">` with the lines of that archive's graph.nnef
 * that match, with their line numbers; each links to the inspector. `data-most` limits their number. ARCHIVE
 * is the name of an archive of the bundle without its ending, or a path relative to the bundle's folder.
 */
export async function fillExcerpt(place: HTMLElement, lesson: Lesson) {
  const { excerpt = "model", lines = "", most = "12" } = place.dataset;
  const folder = new URL(lesson.folder.replace(/\/?$/, "/"), document.baseURI);
  const address = excerpt.includes("/") ? new URL(excerpt, folder) : undefined;
  place.classList.add("excerpt");
  place.tabIndex = 0;
  place.setAttribute("role", "group");
  let archive: ArchiveReading;
  try {
    archive = await (address ? archiveAt(address) : lesson.reading.archive(excerpt));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    place.setAttribute("aria-label", "Lines that could not be read");
    render(
      html`<span class="excerpt-source refused"><b aria-hidden="true">×</b> ${why}</span>`,
      place,
    );
    return;
  }
  const { view, file, stem } = archive;
  const wanted = new RegExp(lines);
  const found = view.text
    .split("\n")
    .map((text, at) => ({ text: text.trim(), line: at + 1 }))
    .filter(({ text }) => wanted.test(text))
    .slice(0, Number(most));
  const inspector = place.closest<HTMLElement>("[data-inspector]")?.dataset.inspector;
  const { href } = address ?? new URL(file, folder);
  const opened =
    !address && stem === "model"
      ? `bundle=${encodeURIComponent(folder.href)}`
      : `src=${encodeURIComponent(href)}`;
  const link = (line: number) => `${inspector}?${opened}&line=${line}`;
  place.setAttribute("aria-label", `Lines of ${stem}, graph.nnef`);
  render(
    html`${found.map(
      ({ text, line }) =>
        html`<span class="excerpt-line"
          >${
            inspector
              ? html`<a class="excerpt-number" href=${link(line)} aria-label=${`Line ${line}, in the inspector`}>${line}</a>`
              : html`<span class="excerpt-number">${line}</span>`
          }<code>${text}</code></span
        >`,
    )}<span class="excerpt-source">${stem} · graph.nnef</span>`,
    place,
  );
}
