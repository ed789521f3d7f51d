/** An entry of the navigation bar; `path` is relative to the site's root. */
export interface SitePage {
  readonly name: string;
  readonly path: string;
}

/** Entries of the navigation bar, in order. */
export const sitePages: readonly SitePage[] = [
  { name: "Live", path: "" },
  { name: "Inspect", path: "inspect/" },
  { name: "Walkthroughs", path: "walkthroughs/" },
  { name: "Docs", path: "docs/" },
  { name: "Embed", path: "embed/" },
  { name: "Figures", path: "figures/" },
];

const themeKey = "nnef-pulse-theme";

/**
 * Markup of the navigation bar. The build writes it into each page, so that the first paint includes it.
 * @param root relative URL of the site's root (`./`, `../`)
 * @param here path of the page itself
 */
export function bar(root: string, here: string, present: readonly SitePage[]): string {
  const links = present.map(({ name, path }) => {
    const isInside = path !== "" && here.startsWith(path);
    const current = path === here ? ' aria-current="page"' : isInside ? ' aria-current="true"' : "";
    return `<a href="${root}${path}"${current}>${name}</a>`;
  });
  return `<header class="bar">
  <a class="skip" href="#main">Skip to content</a>
  <a class="bar-name" href="${root}">nnef-pulse</a>
  <button class="bar-pages" type="button" popovertarget="pages">Pages</button>
  <nav id="pages" popover aria-label="Pages">${links.join("")}</nav>
  <button class="bar-theme" type="button" aria-label="Dark theme" aria-pressed="false">
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" />
      <path d="M10 2.5a7.5 7.5 0 0 1 0 15z" fill="currentColor" />
    </svg>
  </button>
</header>`;
}

/** Wires the theme button. The choice is stored in this browser; `theme.js` applies it before first paint. */
export function startShell(): void {
  const button = document.querySelector<HTMLButtonElement>(".bar-theme");
  if (!button) return;
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => {
    button.ariaPressed = String(isDark());
  };
  button.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    root.dataset.theme = theme;
    try {
      localStorage.setItem(themeKey, theme);
    } catch {
      // Storage may be blocked; the theme then lasts until the page is closed.
    }
    show();
  });
  system.addEventListener("change", show);
  show();
}
