import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readProse } from "../../../demos/kit/build/prose.ts";

const demos = fileURLToPath(new URL("../../../demos/", import.meta.url));
const files = readdirSync(demos, { recursive: true, encoding: "utf8" }).filter(
  (path) => !path.includes("node_modules"),
);
const proses = files.filter((path) => path.endsWith("prose.html"));

const MOST_WORDS = 30;
/** Words of a short sentence, and the share of sentences that are short. */
const SHORT = 20;
const SHORT_SHARE = 0.8;

/** Idioms that a reader has to translate. Text and code both avoid them. */
const IDIOMS = [
  /\bis on its way\b/i,
  /stands? for (some|no|any)thing/i,
  /\bmeans? (some|any|no)thing\b/i,
  /\bon a desk\b/i,
  /\bwhoever\b/i,
  /\bof which\b/i,
  /\bleaves? the reference/i,
  /\bis none\b/,
  /come out even/i,
  /\bthe hop\b/i,
  /\btold of\b/i,
  /no run has an open size/i,
  /\bof (one|your|a person)['’]s own\b/i,
];

/** Sentences a reader sees, without listings and command lines. */
function sentences(html: string): string[] {
  const visible = html
    .replace(/<!--.*?-->/gs, "")
    .replace(/<pre\b.*?<\/pre>/gs, " ")
    .replace(/<dl class="same">.*?<\/dl>/gs, " ")
    .replace(/<nnef-number[^>]*><\/nnef-number>/g, "#")
    .replace(/<\/(?:p|h\d|dt|dd|li|figcaption|button)>/g, "\n\n")
    .replace(/<[^>]*>/g, "");
  return split(visible);
}

/** The same of Markdown: without listings, tables and the marks of headings and lists. */
const sentencesOfMarkdown = (text: string): string[] =>
  split(
    text
      .replace(/^```.*?^```$/gms, "\n\n")
      .replace(/^\|.*\|$/gm, "\n\n")
      .replace(/^(?:#+|- ) ?/gm, "\n\n"),
  );

function split(text: string): string[] {
  return text
    .split(/\n\s*\n|(?<=[.!?])\s+/)
    .map((sentence) => sentence.replace(/\s+/g, " ").trim())
    .filter((sentence) => sentence !== "");
}

const words = (sentence: string): number => sentence.match(/[\p{L}\d#]\S*/gu)?.length ?? 0;

/** Terms used before the `<dfn>` that defines them; headings and the list of contents may name them. */
function usedBeforeDefined(html: string): string[] {
  const body = html
    .replace(/<h[12]>.*?<\/h[12]>/gs, "")
    .replace(/<dl>.*?<\/dl>/s, "")
    .replace(/<pre\b.*?<\/pre>/gs, "")
    .replace(/<code\b.*?<\/code>/gs, "");
  const terms = [...body.matchAll(/<dfn>(.*?)<\/dfn>/g)];
  const stems = terms.map(([, term = ""]) => term.replace(/s$/, ""));
  return terms.flatMap(({ index }, at) => {
    const [term = "", stem = ""] = [terms[at]?.[1], stems[at]];
    // "delay buffer" is a term of its own, and does not use the term "delay".
    const longer = stems.filter((each) => each !== stem && each.includes(stem));
    const before = longer.reduce(
      (text, each) => text.replaceAll(each, ""),
      body.slice(0, index).replace(/<[^>]*>/g, ""),
    );
    const found = new RegExp(`.{0,30}\\b${stem}s?\\b.{0,30}`, "i").exec(before);
    return found ? [`${term}: …${found[0].replace(/\s+/g, " ")}…`] : [];
  });
}

test("there is prose to check", () => expect(proses).toHaveLength(4));

for (const path of proses) {
  const html = readProse(join(demos, path));
  test(`${path} has short sentences`, () => {
    const all = sentences(html);
    expect(all.filter((sentence) => words(sentence) > MOST_WORDS)).toEqual([]);
    const short = all.filter((sentence) => words(sentence) <= SHORT);
    expect(short.length / all.length).toBeGreaterThanOrEqual(SHORT_SHARE);
  });

  test(`${path} defines each term before it uses it`, () => {
    expect(html.match(/<dfn>/g)?.length).toBeGreaterThanOrEqual(5);
    expect(usedBeforeDefined(html)).toEqual([]);
  });
}

for (const path of files.filter((each) => each.endsWith("README.md"))) {
  test(`${path} has short sentences`, () => {
    const all = sentencesOfMarkdown(readFileSync(join(demos, path), "utf8"));
    expect(all.filter((sentence) => words(sentence) > MOST_WORDS)).toEqual([]);
  });
}

test("no idiom is left in text or code", () => {
  const texts = files.filter((path) => /\.(html|md|ts|py|json)$/.test(path));
  const found = texts.flatMap((path) => {
    const text = readFileSync(join(demos, path), "utf8").replace(/\s+/g, " ");
    return IDIOMS.flatMap((idiom) => {
      const match = new RegExp(`.{0,40}${idiom.source}.{0,20}`, idiom.flags).exec(text);
      return match ? [`${path}: ${match[0]}`] : [];
    });
  });
  expect(found).toEqual([]);
});

test("the checks find what they look for", () => {
  const long = `${Array.from({ length: 31 }, () => "word").join(" ")}.`;
  expect(sentences(`<p>${long}</p><p>Short.</p>`).filter((each) => words(each) > 30)).toEqual([
    long,
  ]);
  expect(usedBeforeDefined("<p>Two pulses. A <dfn>pulse</dfn> is short.</p>")).toHaveLength(1);
  expect(usedBeforeDefined("<p>A <dfn>pulse</dfn> is short. Two pulses.</p>")).toEqual([]);
});
