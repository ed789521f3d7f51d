/** Design tokens for canvas drawing, resolved to colours and font stacks. */
export interface Palette {
  readonly page: string;
  readonly panel: string;
  readonly ink: string;
  readonly muted: string;
  readonly probability: string;
  readonly speech: string;
  readonly state: string;
  readonly delay: string;
  readonly symbol: string;
  readonly fault: string;
  readonly hairline: string;
  readonly sans: string;
  readonly mono: string;
}

/**
 * Reads the tokens inside `host`, so that a theme set by an embedding page applies.
 * A custom property computes to its unresolved text (`light-dark(…)`), so each is read through a real property.
 */
export function readPalette(host: Element | ShadowRoot): Palette {
  const probe = document.createElement("span");
  probe.hidden = true;
  host.append(probe);
  const colour = (token: string): string => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const family = (token: string): string => {
    probe.style.fontFamily = `var(--${token})`;
    return getComputedStyle(probe).fontFamily;
  };
  const palette = {
    page: colour("page"),
    panel: colour("panel"),
    ink: colour("ink"),
    muted: colour("muted"),
    probability: colour("probability"),
    speech: colour("speech"),
    state: colour("state"),
    delay: colour("delay"),
    symbol: colour("symbol"),
    fault: colour("fault"),
    hairline: colour("hairline"),
    sans: family("sans"),
    mono: family("mono"),
  };
  probe.remove();
  return palette;
}

/** Calls `onChange` whenever the theme may have changed; returns a function that stops watching. */
export function watchTheme(onChange: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", onChange);
  const attribute = new MutationObserver(onChange);
  attribute.observe(document.documentElement, {
    attributeFilter: ["data-theme", "class", "style"],
  });
  return () => {
    dark.removeEventListener("change", onChange);
    attribute.disconnect();
  };
}
