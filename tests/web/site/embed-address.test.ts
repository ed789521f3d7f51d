// Whatever stands in the address of the frame: it is of this site, one of the rules, or left out.
// NNEF_PULSE_FUZZ=100000 for the long run; NNEF_PULSE_FUZZ_FROM to begin at another seed.

import { expect, test, vi } from "vitest";
import { embedParameters } from "../../../web/site/embed/parameters.js";
import { ruleAttributes } from "../../../web/src/elements/rule-attributes.js";
import { random } from "../random.js";

// The elements need a document; what is used of them here does not.
vi.mock("nnef-pulse/elements", () => import("../../../web/src/elements/rule-attributes.js"));

const count = Number(process.env.NNEF_PULSE_FUZZ ?? 2_000);
const from = Number(process.env.NNEF_PULSE_FUZZ_FROM ?? 0);

const SITE = "https://site.example";
const PAGE = new URL(`${SITE}/sub/embed/vad.html`);
const RULES = [...ruleAttributes.values()];
const NAMES = [
  "bundle",
  "src",
  "theme",
  "origin",
  ...RULES,
  "onerror",
  "style",
  "__proto__",
  "a&b",
];
const PIECES = [
  SITE,
  "https://other.example",
  "https:",
  "http:",
  "blob:",
  "data:text/html,",
  "filesystem:",
  "javascript:alert(1)",
  "file:",
  "about:blank",
  "//",
  "/",
  "\\\\",
  "\\",
  "..",
  "%2e%2e",
  "%",
  "@",
  ":",
  ":443",
  ":99999",
  "[::1]",
  "?",
  "#",
  "*",
  "null",
  "\t",
  "\0",
  " ",
  "\ud800",
  "\uff0f",
  "\u3002",
  "xn--",
  "light",
  "0.5",
  "-1e999",
  "<img>",
  "other.example",
  "a".repeat(400),
];

function address(seed: number): string {
  const draw = random(seed);
  const below = (end: number) => Math.floor(draw() * end);
  const pick = (items: readonly string[]) => items[below(items.length)] as string;
  const written = Array.from({ length: below(6) }, () => {
    const [name, value] = [
      pick(NAMES),
      Array.from({ length: below(5) }, () => pick(PIECES)).join(""),
    ];
    return draw() < 0.5 ? `${name}=${value}` : String(new URLSearchParams([[name, value]]));
  });
  return `?${written.join("&")}`;
}

/** What a page could be made to do by this address, and must not. */
function faults(search: string): string[] {
  const { bundle, src, rules, theme, origin } = embedParameters(search, PAGE);
  const files = [bundle, src].filter((file) => file !== undefined);
  const asked = new URLSearchParams(search).has("origin");
  const checks = {
    "files are of this site": files.every((file) => file.startsWith(`${SITE}/`)),
    "rules are rules": [...rules.keys()].every((name) => RULES.includes(name)),
    "themes are ours": theme === undefined || theme === "light" || theme === "dark",
    "all are told where none is named": (origin === "*") === !asked,
    // `postMessage` throws at anything else.
    "one is told by an origin": !asked || new URL(origin).origin === origin,
  };
  return Object.entries(checks).flatMap(([what, holds]) => (holds ? [] : `not so: ${what}`));
}

test(`${count} addresses give what is of this site, and nothing else`, {
  timeout: 3_600_000,
}, () => {
  const found = [];
  for (let seed = from; seed < from + count; seed++) {
    const search = address(seed);
    found.push(...faults(search).map((fault) => `seed ${seed}, ${search}: ${fault}`));
  }
  expect(found).toEqual([]);
});

test("an origin no page has tells nobody, and none is the site's but an address of it", () => {
  for (const origin of ["javascript:alert(1)", "data:,", "null", "*", "", "https://"]) {
    const search = `?origin=${encodeURIComponent(origin)}`;
    expect(embedParameters(search, PAGE).origin, origin).toBe(SITE);
  }
  expect(embedParameters(`?src=blob:${SITE}/1&bundle=blob:${SITE}/2`, PAGE)).toMatchObject({
    src: undefined,
    bundle: undefined,
  });
  expect(embedParameters("?src=a.wav&bundle=../bundles/x", PAGE)).toMatchObject({
    src: `${SITE}/sub/embed/a.wav`,
    bundle: `${SITE}/sub/bundles/x`,
  });
});
