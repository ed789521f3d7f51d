import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * The text of a walkthrough. `<!-- section: NAME -->` in it stands for `sections/NAME.html` beside it.
 *
 * @param path of its `prose.html`
 */
export function readProse(path: string): string {
  const folder = resolve(dirname(path), "sections");
  return readFileSync(path, "utf8").replace(
    /^<!-- section: (\S+) -->\n/gm,
    (_, name: string) => `\n${readFileSync(resolve(folder, `${name}.html`), "utf8")}`,
  );
}

const NUMBER_WORDS =
  /\b(?:zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twice|thrice|dozen|hundred|thousand)\b/i;

/** A number typed into prose where a reader sees it. */
export interface TypedNumber {
  readonly line: number;
  readonly text: string;
}

/**
 * Numbers typed in prose: digits and number words in the visible text. Tags and comments do not
 * count, so the paths of `<nnef-number>` are allowed. Text in an element with `data-given` is
 * allowed too: it marks constants that the page itself chose.
 */
export function typedNumbers(html: string): readonly TypedNumber[] {
  const blank = (all: string) => all.replace(/[^\n]/g, " ");
  const visible = html
    .replace(/<!--.*?-->/gs, blank)
    .replace(/<(\w+)[^>]*\sdata-given[^>]*>.*?<\/\1>/gs, blank)
    .replace(/<[^>]*>/gs, blank);
  return visible.split("\n").flatMap((text, at) => {
    const found = /\d/.test(text) || NUMBER_WORDS.test(text);
    return found ? [{ line: at + 1, text: text.trim() }] : [];
  });
}
