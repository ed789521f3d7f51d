import { existsSync } from "node:fs";
import { inRoot } from "../../setup/paths.mjs";
import { eventually, expect, test } from "./fixtures.js";

/** One line for each; those whose page or bundle has not been made are named as skipped. */
const walkthroughs = [
  { page: "walkthroughs/streaming/", bundle: "custom-deepspeech" },
  { page: "walkthroughs/dynamic-batch/", bundle: "digits-vit" },
  { page: "walkthroughs/kv-cache/", bundle: "kv-cache-lm" },
  { page: "walkthroughs/vad/", bundle: "silero-vad" },
];

const sections = () => [...document.querySelectorAll("section[data-figure]")].map(({ id }) => id);

/** Brings a section into view; what became of its figure. */
const figure = (id: string) => {
  const section = document.getElementById(id);
  section?.scrollIntoView();
  const stage = section?.querySelector<HTMLElement>(".stage");
  if (stage?.dataset.failed !== undefined) return stage.textContent ?? "failed";
  return stage?.dataset.live === undefined ? "waiting" : "live";
};

/** Every number the prose reads from the bundle that is not there, by its path. */
const missing = () =>
  [...document.querySelectorAll<HTMLElement & { value?: string }>("nnef-number")]
    .filter((number) => {
      const shown = number.shadowRoot?.querySelector(".number");
      return !number.value || !shown || shown.classList.contains("failed");
    })
    .map((number) => number.getAttribute("path"))
    .filter((path) => !path?.startsWith("page:"));

for (const { page, bundle } of walkthroughs) {
  test(`${page} comes alive, every number in it`, async ({ tab, host }) => {
    const lacks = [`${page}index.html`, `bundles/${bundle}/manifest.json`].filter(
      (path) => !existsSync(inRoot("dist", path)),
    );
    test.skip(lacks.length > 0, `${lacks.join(" and ")} not made`);
    await tab.open(`${host.site}${page}`);
    const ids = await tab.evaluate(sections);
    expect(ids.length).toBeGreaterThan(3);
    for (const id of ids) await eventually(tab, figure, id).not.toBe("waiting");
    for (const id of ids) expect([id, await tab.evaluate(figure, id)]).toEqual([id, "live"]);
    await eventually(tab, missing).toEqual([]);
  });
}
