import { expect, test } from "../shared/page.js";
import { deepSpeech, drawn, openFiles, says, verb } from "./page.js";

test("DeepSpeech: choose pulse 8, see three delays, step, watch them fill, reset", async ({
  page,
  site,
}) => {
  await page.goto(`${site}inspect/`);
  await openFiles(page, [await deepSpeech()]);
  await drawn(page, "small-deepspeech.nnef.tgz");
  await verb(page, "Compare").click();
  await expect(says(page)).toContainText(
    /^\s*Pulsing S by 8 added 3 delay ops, 1 registry and 4 properties, turned S into 8 on \d+ wires and set skip of a scan from 0 to 3; nothing else changed\.\s*$/,
  );

  await page.getByRole("spinbutton", { name: "Frames per pulse" }).fill("3");
  await page.keyboard.press("Enter");
  await expect(page.locator(".verb-says .fault")).toBeVisible();
  await page.locator(".verb-says").getByRole("button", { name: "8", exact: true }).click();
  await expect(says(page)).toContainText("Pulsing S by 8");

  await page.locator(".graph-stage").focus();
  await page.keyboard.press("n");
  await expect(page.locator(".details-name")).toHaveText(/./);
  const first = await page.locator(".details-name").textContent();
  await page.keyboard.press("n");
  await expect(page.locator(".details-name")).not.toHaveText(first ?? "");
  await page.keyboard.press("p");
  await expect(page.locator(".details-name")).toHaveText(first ?? "");

  await verb(page, "Run").click();
  await expect(says(page)).toContainText("Pulse 0 of 32");
  const step = page.getByRole("button", { name: "Step" });
  for (let at = 1; at <= 2; at++) {
    await step.click();
    await expect(says(page)).toContainText(`Pulse ${at} of 32`);
  }
  await page.getByRole("button", { name: "Snapshot" }).click();
  await step.click();
  await expect(says(page)).toContainText("Pulse 3 of 32");
  await page.getByRole("button", { name: "Back to 2" }).click();
  await expect(says(page)).toContainText("Pulse 2 of 32");
  await page.getByRole("button", { name: "Reset" }).click();
  await expect(says(page)).toContainText("Pulse 0 of 32");
});

test("the VAD runs on its reference and equals it to the end", async ({ page, site }) => {
  await page.goto(`${site}inspect/`);
  await drawn(page, /^Silero VAD/);
  await verb(page, "Run").click();
  await expect(says(page)).toContainText("Pulse 0 of 28");
  await page.getByRole("combobox", { name: "Speed" }).selectOption("60");
  await page.getByRole("button", { name: "Play" }).click();
  await expect(says(page)).toContainText("Pulse 28 of 28");
  await expect(page.locator(".verb-says .passed")).toHaveText([
    "✓ equals the reference",
    /^✓ 4\d wires$/,
  ]);
});
