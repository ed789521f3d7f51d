import { everyEntry } from "../entries.mjs";
import { hearsSample, usesEveryEntry } from "../page.mjs";
import { shownIn } from "../project.mjs";
import { bundle, copyModel } from "./bundlers.mjs";

/** @typedef {import("../main.mjs").Step} Step */

const files = {
  "app/layout.jsx": `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}
`,
  "app/page.jsx": `"use client";
import { useEffect } from "react";

export default function Page() {
  useEffect(() => void import("../src/main.js"), []);
  return <><button>Listen</button><ul></ul></>;
}
`,
  // Imported by the server as well, which renders the page before the browser does.
  "app/every/page.jsx": `"use client";
import { useEffect } from "react";
import { report } from "../../src/entries.js";

export default function Page() {
  useEffect(() => void report(), []);
  return <p>Every entry</p>;
}
`,
  "src/entries.js": everyEntry(`/${bundle}`).replace('"model.nnef.tgz"', '"/model.nnef.tgz"'),
  "serve.mjs": `import { createServer } from "node:http";
import next from "next";
const app = next({ dev: false });
await app.prepare();
const server = createServer(app.getRequestHandler()).listen(0, "127.0.0.1", () => {
  console.log("at http://127.0.0.1:" + server.address().port + "/ ");
});
`,
};

/** @param {"turbopack" | "webpack"} bundler @returns {Step} */
const next = (bundler) => ({
  name: `next-${bundler}`,
  title: `Next 16 with ${bundler === "webpack" ? "webpack" : "Turbopack"}`,
  packages: { react: "19.3.1", "react-dom": "19.3.1", next: "16.4.6" },
  scope: "`listen()` on a microphone; elements, inspector, look.css, reading, stream",
  async run(project) {
    await project.write({ ...(await shownIn("web/docs/bundlers.md")), ...files });
    await copyModel(project, "public");
    await project.npx("next", ["build", `--${bundler}`]);
    return project.serving("node", ["serve.mjs"], async (url) => {
      const heard = await hearsSample(url);
      return `${heard}; ${await usesEveryEntry(`${url}every`)}`;
    });
  },
});

export const nextSteps = [next("turbopack"), next("webpack")];
