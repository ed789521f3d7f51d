// The cases, made by make_cases.py from the bundles that were built.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { inRoot, inVenv } from "../../setup/paths.mjs";

/** @typedef {import("./run-cases.mjs").Case} Case */

/** Where cases lie; another folder of them can be named in the environment. */
export const casesFolder = process.env.NNEF_PULSE_CASES ?? inRoot(".build", "conformance");

/**
 * Makes the cases; names the recipes that were not built.
 *
 * @returns {{ cases: Case[], missing: string[] }}
 */
export function makeCases() {
  if (process.env.NNEF_PULSE_CASES === undefined) {
    const script = fileURLToPath(new URL("./make_cases.py", import.meta.url));
    execFileSync(inVenv("python"), [script, inRoot("dist", "bundles"), casesFolder], {
      env: { ...process.env, PYTHONPATH: inRoot("exporter") },
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  return JSON.parse(readFileSync(`${casesFolder}/cases.json`, "utf8"));
}

const EVERYWHERE = ["silero-vad", "custom-deepspeech", "marblenet-like"];

/**
 * The cases that run in every browser there is; the others run in Chromium.
 *
 * @param {readonly Case[]} cases
 */
export const everywhere = (cases) => cases.filter(({ name }) => EVERYWHERE.includes(name));

/** The speech file used where it is at hand. */
export const speechFile = inRoot("..", "shared", "audio", "speech-60s-16k.wav");
export const hasSpeech = existsSync(speechFile);
