import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { inRoot, inVenv } from "../../setup/paths.mjs";
import { compared } from "./rows.mjs";

/**
 * Silero's pulse in wasm beside the same archive in native tract, which the Python package brings.
 *
 * @param {string} folder with `ours.nnef.tgz` and `sound.wav`
 * @param {readonly import("./measure.mjs").Measured[]} measured by Node, on the same machine just before
 */
export async function native(folder, measured) {
  const silero = measured.find((one) => one.case === "silero-vad");
  if (!silero) throw new Error("silero-vad was not measured");
  const child = spawn(inVenv("python"), [inRoot("tests", "bench", "native.py"), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  /** @type {{ median: number, version: string }} */
  const { median, version } = JSON.parse(await text(child.stdout));
  const { ours } = silero;
  const peer = `tract@${version} native`;
  return compared(
    "silero-vad",
    "node",
    "pulse_us",
    ours.median,
    peer,
    median,
    ours.p99,
    ours.rounds,
  );
}
