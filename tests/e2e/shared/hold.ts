import type { Page } from "@playwright/test";

/** Holds back what the page asks for at an address; gives what lets it arrive. */
export async function hold(page: Page, address: string): Promise<() => void> {
  let arrive = () => {};
  const released = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  await page.route(address, async (route) => {
    await released;
    await route.continue();
  });
  return arrive;
}
