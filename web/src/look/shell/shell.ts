/** A page of the site as the bar names it; `path` is relative to the site's root. */
export interface Room {
  readonly name: string;
  readonly path: string;
}

/** The bar's pages, in order. */
export const rooms: readonly Room[] = [
  { name: "Live", path: "" },
  { name: "Inspect", path: "inspect/" },
  { name: "Walkthroughs", path: "walkthroughs/" },
  { name: "Embed", path: "embed/" },
];

const themeKey = "nnef-pulse-theme";

/**
 * The bar's markup, written into each page when the site is built so that it is there at first paint.
 * `root` is the way from the page to the site's root (`./`, `../`), `here` the page's own path.
 */
export function bar(root: string, here: string, present: readonly Room[]): string {
  const links = present.map(({ name, path }) => {
    const within = path !== "" && here.startsWith(path);
    const current = path === here ? ' aria-current="page"' : within ? ' aria-current="true"' : "";
    return `<a href="${root}${path}"${current}>${name}</a>`;
  });
  return `<header class="bar">
  <a class="skip" href="#main">To the content</a>
  <a class="bar-name" href="${root}">nnef-pulse</a>
  <nav aria-label="Pages">${links.join("")}</nav>
  <button class="bar-theme" type="button" aria-label="Dark theme" aria-pressed="false">
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <circle cx="10" cy="10" r="7.5" fill="none" stroke="currentColor" />
      <path d="M10 2.5a7.5 7.5 0 0 1 0 15z" fill="currentColor" />
    </svg>
  </button>
</header>`;
}

/** Makes the bar's theme button work. The choice is kept in this browser; `theme.js` applies it before first paint. */
export function startShell(): void {
  const button = document.querySelector<HTMLButtonElement>(".bar-theme");
  if (!button) return;
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const show = () => {
    button.ariaPressed = String(dark());
  };
  button.addEventListener("click", () => {
    const theme = dark() ? "light" : "dark";
    root.dataset.theme = theme;
    try {
      localStorage.setItem(themeKey, theme);
    } catch {
      // Storage may be forbidden; the theme then lasts as long as the page.
    }
    show();
  });
  system.addEventListener("change", show);
  show();
}
