import { expect, test } from "../shared/page.js";
import { drawn, factsThere } from "./page.js";

test("the inspector, once opened, and Python, once used, work with the network cut", async ({
  page,
  site,
  context,
}) => {
  const python = page.locator(".python-bar");
  const ready = () => expect(python.locator(".passed")).toHaveText("ready");
  const start = async () => {
    await python.getByRole("button", { name: "Python" }).click();
    await ready();
  };
  await page.goto(`${site}inspect/`);
  await drawn(page, /^Silero VAD/);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await start();
  await context.setOffline(true);
  await page.reload();
  await drawn(page, /^Silero VAD/);
  await factsThere(page);
  await start();
  await page.locator(".python-tools").getByRole("button", { name: "Run" }).click();
  await expect(page.locator(".python-output table")).toContainText("conv");
  await expect(page.locator(".python-output [data-kind=error]")).toHaveCount(0);
});
