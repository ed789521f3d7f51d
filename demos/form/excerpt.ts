import { html, render } from "lit";
import type { Lesson } from "./lesson.ts";

/**
 * Fills `<pre data-excerpt="ARCHIVE" data-lines="REGEX">` with the lines of that archive's graph.nnef
 * that match, under their real numbers; each opens in the inspector. `data-most` limits how many.
 */
export async function fillExcerpt(place: HTMLElement, lesson: Lesson) {
  const { excerpt = "model", lines = "", most = "12" } = place.dataset;
  const { view, file, stem } = await lesson.reading.archive(excerpt);
  const wanted = new RegExp(lines);
  const found = view.text
    .split("\n")
    .map((text, at) => ({ text: text.trim(), line: at + 1 }))
    .filter(({ text }) => wanted.test(text))
    .slice(0, Number(most));
  const inspector = place.closest<HTMLElement>("[data-inspector]")?.dataset.inspector;
  const folder = new URL(lesson.folder, document.baseURI);
  const opened =
    stem === "model"
      ? `bundle=${encodeURIComponent(folder.href)}`
      : `src=${encodeURIComponent(new URL(file, folder).href)}`;
  const link = (line: number) => `${inspector}?${opened}&line=${line}`;
  place.classList.add("excerpt");
  place.tabIndex = 0;
  place.setAttribute("role", "region");
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
