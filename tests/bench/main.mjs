// npm run bench -- --json FILE: the engine beside onnxruntime-web, and the page beside vad-web.
import { writeFile } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { command } from "../../setup/graph/command.mjs";
import { inRoot, inVenv } from "../../setup/places.mjs";
import { cache, runCommand, setUp } from "../../setup/set-up.mjs";

const peer = "onnxruntime-web@1.30.0";
const vadPeer = "@ricky0123/vad-web@0.0.31";

await runCommand(async () => {
  const { values } = parseArgs({ options: { json: { type: "string" } } });
  await setUp(["site", "browser"]);
  const { inChromium, inNode } = await import("./runners.mjs"); // npm's packages are there by now
  const { rows, table } = await import("./rows.mjs");
  const material = {
    archive: inRoot("dist", "bundles", "silero-vad", "pulse-T1.nnef.tgz"),
    onnx: await sourceOnnx(),
    sound: inRoot("web", "site", "sample", "sample.wav"),
    peer: await installed(peer),
  };
  /** @param {string} runner */
  const reporter = (runner) => (/** @type {string} */ name) =>
    console.log(`  · ${runner}: ${name}`);
  const chromium = await inChromium(material, reporter("chromium"));
  const node = await inNode(material, reporter("node"));
  const { live } = await import("./live.mjs");
  const results = [
    ...rows("chromium", chromium.measured, peer),
    ...rows("node", node.measured, peer),
    ...(await live(await installed(vadPeer), vadPeer, reporter("chromium"))),
  ];
  console.log(`\n${table(results)}`);
  if (values.json) {
    const report = { machine: machine(chromium.version), results };
    await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  }
  return 0;
});

/**
 * The weights as silero-vad ships and loads them by default. The package also holds a file for
 * 16 kHz alone, without branches, with which the peer is about 5 % quicker.
 */
async function sourceOnnx() {
  const question =
    "import silero_vad, pathlib; print(pathlib.Path(silero_vad.__file__).parent / 'data')";
  const folder = (await command(inVenv("python"), ["-c", question])).trim();
  return join(folder, "silero_vad.onnx");
}

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
  };
}
