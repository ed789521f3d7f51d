import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/**
 * Asked in the page itself: its frames are of its own origin, and axe's other way, which opens a page
 * to gather them in, takes three times as long.
 */
const axe = (page: Page) =>
  new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });

/** Holds the page as it stands to axe's rules, in both themes. */
export async function nothingSerious(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    // Calm: axe would take a colour half way between two for what it becomes.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    // What is painted on a canvas follows the theme in the next frame.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    const { violations } = await axe(page).analyze();
    const serious = violations.filter(({ impact }) =>
      ["serious", "critical"].includes(impact ?? ""),
    );
    const told = serious.flatMap(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
    expect([colorScheme, ...told]).toEqual([colorScheme]);
  }
}
