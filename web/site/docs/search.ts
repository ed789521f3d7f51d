/** A part of a document; `url` is relative to `docs/`. */
export interface Section {
  readonly url: string;
  readonly title: string;
  readonly text: string;
}

/** Most results shown. */
const most = 20;

/** Sections that contain every word of `query`, those with it in their title first. */
export function find(sections: readonly Section[], query: string): Section[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const scored = sections.flatMap((section) => {
    const title = section.title.toLowerCase();
    const text = section.text.toLowerCase();
    if (!words.every((word) => title.includes(word) || text.includes(word))) return [];
    const inTitle = words.filter((word) => title.includes(word)).length;
    const count = words.reduce((sum, word) => sum + text.split(word).length - 1, 0);
    return [{ section, score: inTitle * 100 + count }];
  });
  return scored.sort((a, b) => b.score - a.score).map(({ section }) => section);
}

/** Searches the documents as the user types. The index is fetched when the field is first used. */
export function wireSearch(input: HTMLInputElement): void {
  const status = document.querySelector("#search-status");
  const results = document.querySelector("#search-results");
  let index: Promise<Section[]> | undefined;
  const load = async (): Promise<Section[]> => {
    const response = await fetch("./search.json");
    if (!response.ok) throw new Error(`search.json: the server answered ${response.status}`);
    return response.json();
  };
  const show = async () => {
    const query = input.value;
    try {
      index ??= load();
      const found = find(await index, query);
      if (query !== input.value) return;
      results?.replaceChildren(...found.slice(0, most).map((section) => entryOf(section, query)));
      if (status) status.textContent = query.trim() === "" ? "" : countOf(found.length);
    } catch (error) {
      index = undefined;
      if (status)
        status.textContent = `The search could not be loaded. ${(error as Error).message}`;
    }
  };
  input.form?.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("input", () => void show());
}

function countOf(count: number): string {
  if (count === 0) return "Nothing found. Try another word.";
  const shown = count > most ? `, the first ${most} shown` : "";
  return `${count} ${count === 1 ? "section" : "sections"}${shown}`;
}

function entryOf({ url, title, text }: Section, query: string): HTMLLIElement {
  const entry = document.createElement("li");
  const link = document.createElement("a");
  link.href = `./${url}`;
  link.textContent = title;
  const excerpt = document.createElement("p");
  const at = text.toLowerCase().indexOf(query.trim().toLowerCase().split(/\s+/)[0] ?? "");
  excerpt.textContent = text.slice(Math.max(0, at - 60), Math.max(0, at - 60) + 180);
  entry.append(link, excerpt);
  return entry;
}
