import { ruleAttributes } from "nnef-pulse/elements";

/** What the address of `embed/vad.html` may say, with all that is not of this site left out. */
export interface EmbedParameters {
  /** Bundle to run; without it, the one that ships with the package. */
  readonly bundle: string | undefined;
  /** Sound file to find the speech of at once. */
  readonly src: string | undefined;
  /** Rules by their attributes on `<nnef-vad>`: `threshold`, `min-speech-ms`, … */
  readonly rules: ReadonlyMap<string, string>;
  readonly theme: "light" | "dark" | undefined;
  /** Whom alone to tell; without it, whoever embeds. */
  readonly origin: string;
}

/** @param base the page's own address, without which relative addresses mean nothing */
export function embedParameters(search: string, base: URL): EmbedParameters {
  const asked = new URLSearchParams(search);
  const rules: readonly string[] = [...ruleAttributes.values()];
  const theme = asked.get("theme");
  return {
    bundle: sameOrigin(asked.get("bundle"), base),
    src: sameOrigin(asked.get("src"), base),
    rules: new Map([...asked].filter(([name, value]) => rules.includes(name) && value !== "")),
    theme: theme === "light" || theme === "dark" ? theme : undefined,
    origin: originOf(asked.get("origin"), base),
  };
}

function sameOrigin(address: string | null, base: URL): string | undefined {
  if (!address || !URL.canParse(address, base)) return undefined;
  const url = new URL(address, base);
  // A `blob:` is of this origin too, and no file of the site.
  return url.origin === base.origin && url.protocol === base.protocol ? url.href : undefined;
}

/** A misspelt origin, or one no page has, must tell nobody rather than everybody. */
function originOf(asked: string | null, base: URL): string {
  if (asked === null) return "*";
  const origin = URL.canParse(asked) ? new URL(asked).origin : "null";
  return origin === "null" ? base.origin : origin;
}
