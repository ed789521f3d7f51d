import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { createServer } from "vite";
import { buildDir, inRoot, inVenv } from "../../../setup/paths.mjs";
import { alive, answer, number, slide } from "./walkthrough.js";

const own = join(buildDir, "own");
const folder = join(own, "demos", "yours");

/** The code of demos/README.md, in order, by language. */
async function snippets() {
  const text = await readFile(inRoot("demos", "README.md"), "utf8");
  const found = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  return (language: string) =>
    found.flatMap(([, each, code = ""]) => (each === language ? [code] : []));
}

test("a walkthrough made as demos/README.md says works, on a model it has never seen", async ({
  page,
}) => {
  await rm(own, { recursive: true, force: true });
  await mkdir(join(folder, "figures"), { recursive: true });
  await symlink(inRoot("demos", "kit"), join(own, "demos", "kit"));
  const code = await snippets();
  const [, ...line] = (code("sh")[0] ?? "").trim().split(" ");
  await promisify(execFile)(
    inVenv("nnef-pulse"),
    line.map((word) =>
      word
        .replace("package.module:function", "own_model:model")
        .replace("dist/bundles/mine", join(own, "mine")),
    ),
    { cwd: inRoot("tests", "e2e", "walkthroughs", "python") },
  );
  const [figure = "", main = ""] = code("ts");
  await writeFile(join(folder, "prose.html"), code("html").join("\n"));
  await writeFile(join(folder, "figures", "reach.ts"), figure);
  await writeFile(join(folder, "main.ts"), main);
  for (const file of ["index.html", "page.css", "vite.config.ts"]) {
    await cp(inRoot("demos", "streaming", file), join(folder, file));
  }
  const index = await readFile(join(folder, "index.html"), "utf8");
  await writeFile(
    join(folder, "index.html"),
    index.replace("custom-deepspeech", "mine").replace("streaming/prose", "yours/prose"),
  );
  await page.route(
    (url) => url.pathname.includes("/bundles/mine/"),
    async (route) => {
      const file = new URL(route.request().url()).pathname.split("/").at(-1) ?? "";
      await route.fulfill({ body: await readFile(join(own, "mine", file)) });
    },
  );
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error.stack ?? error)));
  const server = await createServer({ root: folder, server: { port: 0 }, logLevel: "error" });
  try {
    await server.listen();
    await page.goto(server.resolvedUrls?.local[0] ?? "");
    // Kernel 5 at stride 2, then 3 taps 2 apart: 5 + 4 · 2 input frames.
    await expect(number(page, "windows:field")).toHaveText("13");
    const section = await alive(page, "reach");
    await slide(section.locator("input[type=range]"), 2);
    await expect(section.locator(".slider output")).toHaveText("2");
    await expect(await answer(section, 3)).toContainText("The text has 2, not 3.");
    await expect(await answer(section, 2)).toHaveAttribute("data-right", "true");
    await page.getByRole("button", { name: "Start over" }).click();
    await expect(section.locator(".slider output")).toHaveText("0");
    await page.keyboard.press("p");
    await expect(page.locator(".opening")).toBeVisible();
    await expect(section).toBeHidden();
    expect(errors).toEqual([]);
  } finally {
    await server.close();
  }
});

const published: { id: string }[] = JSON.parse(
  await readFile(inRoot("demos", "walkthroughs.json"), "utf8"),
);

for (const { id } of published) {
  test(`${id} runs by itself, as its README says`, async ({ page }) => {
    const readme = await readFile(inRoot("demos", id, "README.md"), "utf8");
    expect(readme).toContain(`npx vite demos/${id}\n`);
    const server = await createServer({
      root: inRoot("demos", id),
      server: { port: 0 },
      logLevel: "error",
    });
    try {
      await server.listen();
      await page.goto(server.resolvedUrls?.local[0] ?? "");
      await expect(number(page, "page:minutes")).toHaveText(/\d/);
      await expect(page.locator(".stage[data-live]").first()).toBeVisible();
    } finally {
      await server.close();
    }
  });
}
