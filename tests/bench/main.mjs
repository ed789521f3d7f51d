// npm run bench -- --json FILE [--only CASE]…: the engine beside onnxruntime-web, the page beside vad-web.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { command } from "../../setup/graph/command.mjs";
import { makeOtherBundles } from "../../setup/other-bundles.mjs";
import { cache, runCommand, setUp } from "../../setup/set-up.mjs";

const peer = "onnxruntime-web@1.30.0";
const vadPeer = "@ricky0123/vad-web@0.0.31";

await runCommand(async () => {
  const { values } = parseArgs({
    options: { json: { type: "string" }, only: { type: "string", multiple: true } },
  });
  await setUp(["site", "recipes", "browser"]);
  const failed = await (await makeOtherBundles())();
  if (failed.length > 0) throw new Error(`no bundle ${failed.join(", ")} to measure`);
  // npm's packages are there by now
  const { gather } = await import("./material.mjs");
  const { inChromium, inNode } = await import("./runners.mjs");
  const { rows, table } = await import("./rows.mjs");
  const { native } = await import("./native.mjs");
  const folder = await mkdtemp(join(os.tmpdir(), "nnef-pulse-bench-"));
  try {
    const material = {
      folder,
      models: await gather(folder, values.only),
      peer: await installed(peer),
    };
    /** @param {string} runner */
    const reporter = (runner) => (/** @type {string} */ name) =>
      console.log(`  · ${runner}: ${name}`);
    const chromium = await inChromium(material, reporter("chromium"));
    const node = await inNode(material, reporter("node"));
    const { live } = await import("./live.mjs");
    const results = [
      ...rows("chromium", chromium, peer),
      ...rows("node", node, peer),
      await native(join(folder, "silero"), node.measured),
      ...(values.only ? [] : await live(await installed(vadPeer), vadPeer, reporter("chromium"))),
    ];
    console.log(`\n${table(results)}`);
    if (values.json) {
      const report = { machine: machine(chromium.version), results };
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

/** The class of machine, nothing that names it. @param {string} chromium */
function machine(chromium) {
  const [cpu] = os.cpus();
  return {
    class: `${os.platform()} ${os.arch()}, ${os.cpus().length} cores`,
    cpu: cpu?.model.trim() ?? "unknown",
    memoryGb: Math.round(os.totalmem() / 1e9),
    node: process.versions.node,
    chromium,
    measured: new Date().toISOString().slice(0, "2000-01-01".length),
  };
}
