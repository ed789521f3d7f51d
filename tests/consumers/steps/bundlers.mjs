import { contentSecurityPolicy } from "../../../setup/policy.mjs";
import { everyEntry, page } from "../entries.mjs";
import { hearsSample, served, usesEveryEntry } from "../page.mjs";
import { shownIn } from "../project.mjs";

/** @typedef {import("../main.mjs").Step} Step */
/** @typedef {import("../project.mjs").Project} Project */

/** Where the shipped bundle lies in the built folder. */
export const bundle = "bundles/silero-vad";

/** The app that the documents show, and a page that uses every entry. @param {Project} project */
export async function writeApps(project) {
  await project.write({
    ...(await shownIn("web/docs/bundlers.md")),
    "src/every-entry.js": `${everyEntry(bundle)}\nreport();\n`,
    "every-entry.html": page("/src/every-entry.js"),
  });
}

/** Files that the page of every entry asks for by an address. @param {Project} project @param {string} to */
export async function copyModel(project, to) {
  await project.copy(`dist/${bundle}`, `${to}/${bundle}`);
  await project.copy(`dist/${bundle}/pulse-T1.nnef.tgz`, `${to}/model.nnef.tgz`);
}

/** Both apps of a built folder. @param {Project} project */
async function check(project, { everyEntryPage = "every-entry.html", inlineScript = false } = {}) {
  await copyModel(project, "dist");
  const policy = contentSecurityPolicy.replace("script-src", "script-src 'unsafe-inline'");
  return served(
    project.path("dist"),
    async (url) => {
      const heard = await hearsSample(url);
      const used = everyEntryPage ? await usesEveryEntry(url + everyEntryPage) : "";
      return [heard, used].filter(Boolean).join("; ");
    },
    inlineScript ? policy : contentSecurityPolicy,
  );
}

const scope = "`listen()` on a microphone; elements, inspector, look.css, reading, stream";

/** A page for a script and its style sheet. @param {string} script @param {string} body */
const pageOf = (script, body, style = script.replace(/js$/, "css")) => `<!doctype html>
<html lang="en"><title>Speech</title>${style ? `<link rel="stylesheet" href="${style}">` : ""}
<body>${body}<script type="module" src="${script}"></script></body></html>
`;
const listenBody = "<button>Listen</button><ul></ul>";

/** Pages for a bundler that writes scripts alone. */
const pages = {
  "dist/index.html": pageOf("main.js", listenBody, ""),
  "dist/every-entry.html": pageOf("every-entry.js", ""),
};

/** @type {readonly Step[]} */
export const bundlerSteps = [
  {
    name: "esbuild",
    title: "esbuild",
    packages: { esbuild: "0.28.2" },
    scope,
    needs: "`npx nnef-pulse copy DIR` into the folder of the built script",
    async run(project) {
      await writeApps(project);
      const entries = ["src/main.js", "src/every-entry.js"];
      const options = ["--bundle", "--format=esm", "--outdir=dist", "--loader:.woff2=file"];
      await project.npx("esbuild", [...entries, ...options]);
      await project.npx("nnef-pulse", ["copy", "dist"]);
      await project.write(pages);
      return check(project);
    },
  },
  {
    name: "rollup",
    title: "Rollup",
    packages: { rollup: "4.68.8", "@rollup/plugin-node-resolve": "16.0.3" },
    scope: "`listen()` on a microphone",
    needs: "`npx nnef-pulse copy DIR` into the folder of the built script",
    async run(project) {
      await writeApps(project);
      const options = ["-d", "dist", "-f", "es", "-p", "@rollup/plugin-node-resolve"];
      await project.npx("rollup", ["src/main.js", ...options]);
      await project.npx("nnef-pulse", ["copy", "dist"]);
      await project.write(pages);
      return check(project, { everyEntryPage: "" });
    },
  },
  {
    name: "webpack",
    title: "webpack 5",
    packages: {
      webpack: "5.113.0",
      "webpack-cli": "7.3.1",
      "css-loader": "7.1.2",
      "style-loader": "4.0.0",
    },
    scope,
    async run(project) {
      await writeApps(project);
      await project.write({
        "webpack.config.js": `export default {
  mode: "production",
  entry: { main: "./src/main.js", "every-entry": "./src/every-entry.js" },
  module: { rules: [{ test: /\\.css$/, use: ["style-loader", "css-loader"] }] },
};`,
      });
      await project.npx("webpack", []);
      await project.write({
        ...pages,
        "dist/every-entry.html": pageOf("every-entry.js", "", ""),
      });
      return check(project);
    },
  },
  {
    name: "parcel",
    title: "Parcel 2",
    packages: { parcel: "2.16.4" },
    manifest: { "@parcel/resolver-default": { packageExports: true }, type: undefined },
    scope,
    needs: "a content security policy, if any, that allows Parcel's inline import map",
    async run(project) {
      await writeApps(project);
      await project.write({ "every-entry.html": page("src/every-entry.js") });
      const options = ["--public-url", "./", "--no-cache", "--no-source-maps"];
      await project.npx("parcel", ["build", "index.html", "every-entry.html", ...options]);
      return check(project, { inlineScript: true });
    },
  },
];
