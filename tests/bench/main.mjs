// npm run bench -- --json FILE [--runner NAME]… [--only CASE]…: the engine beside onnxruntime-web, the page beside vad-web.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { command } from "../../setup/graph/command.mjs";
import { otherBrowsers } from "../../setup/other-browsers.mjs";
import { makeOtherBundles } from "../../setup/other-bundles.mjs";
import { cache, runCommand, setUp } from "../../setup/set-up.mjs";

const peer = "onnxruntime-web@1.30.0";
const vadPeer = "@ricky0123/vad-web@0.0.31";

const allRunners = /** @type {const} */ (["chromium", "firefox", "webkit", "node"]);

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      json: { type: "string" },
      runner: { type: "string", multiple: true },
      only: { type: "string", multiple: true },
    },
  });
  const unknown = values.runner?.find((name) => !allRunners.some((runner) => runner === name));
  if (unknown) throw new Error(`there is no runner "${unknown}": ${allRunners.join(", ")}`);
  const wanted = allRunners.filter((name) => values.runner?.includes(name) ?? true);
  await setUp(["site", "recipes", "browser", "other-browsers"]);
  const skipped = otherBrowsers
    .filter(({ name, findMissing }) => wanted.includes(name) && findMissing().length > 0)
    .map(({ name, findMissing }) => ({
      runner: name,
      reason: `no ${findMissing().join(", no ")}`,
    }));
  const failed = await (await makeOtherBundles())();
  if (failed.length > 0) throw new Error(`no bundle ${failed.join(", ")} to measure`);
  // npm's packages are there by now
  const { gather } = await import("./material.mjs");
  const { inBrowser, inNode } = await import("./pages/runners.mjs");
  const { rows, table } = await import("./rows.mjs");
  const { native } = await import("./native.mjs");
  const folder = await mkdtemp(join(os.tmpdir(), "nnef-pulse-bench-"));
  try {
    const material = {
      folder,
      models: await gather(folder, values.only),
      peer: await installed(peer),
    };
    /** @type {import("./rows.mjs").Row[]} */
    const results = [];
    /** @type {Record<string, string>} */
    const versions = {};
    for (const runner of wanted) {
      if (skipped.some((one) => one.runner === runner)) continue;
      const report = (/** @type {string} */ name) => console.log(`  · ${runner}: ${name}`);
      const result =
        runner === "node"
          ? await inNode(material, report)
          : await inBrowser(runner, material, report);
      versions[runner] = result.version;
      results.push(...rows(runner, result, peer));
      if (runner === "node") results.push(await native(join(folder, "silero"), result.measured));
      if (runner === "chromium" && !values.only) {
        const { engineStart } = await import("./engine-start.mjs");
        const silero = join(folder, "silero");
        results.push(...(await engineStart(silero, material.peer, peer, report)));
        const { live } = await import("./pages/live.mjs");
        results.push(...(await live(await installed(vadPeer), vadPeer, report)));
      }
    }
    console.log(`\n${table(results)}`);
    for (const { runner, reason } of skipped) console.log(`Skipped: ${runner}: ${reason}`);
    if (values.json) {
      const report = { machine: machine(versions), skipped, results };
      await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return 0;
});

/** A peer comes into the cache, never into the project's packages. @param {string} spec name@version */
async function installed(spec) {
  const folder = await cache.ensure("bench-peer", spec.replaceAll(/[@/]/g, "-"), async (half) => {
    console.log(`Fetching ${spec}`);
    await command("npm", [
      "install",
      "--prefix",
      half,
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      spec,
    ]);
  });
  return join(folder, "node_modules", spec.slice(0, spec.lastIndexOf("@")));
}

/** The class of machine, nothing that names it. @param {Record<string, string>} versions of what ran */
function machine(versions) {
  const [cpu] = os.cpus();
  return {
    class: `${os.platform()} ${os.arch()}, ${os.cpus().length} cores`,
    cpu: cpu?.model.trim() ?? "unknown",
    memoryGb: Math.round(os.totalmem() / 1e9),
    ...versions,
    measured: new Date().toISOString().slice(0, "2000-01-01".length),
  };
}
