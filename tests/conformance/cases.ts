// The cases, made by make_cases.py from the bundles that were built.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { inRoot, inVenv } from "../../setup/places.mjs";

export interface Stream {
  symbol: string;
  pulse: number;
  run: number;
  tail: number;
}

export interface Case {
  name: string;
  tolerance: number;
  runs: number;
  streams: Stream[];
}

/** Where cases lie; another folder of them can be named in the environment. */
export const casesFolder = process.env.NNEF_PULSE_CASES ?? inRoot(".build", "conformance");

/** Makes the cases; names the recipes that were not built. */
export function makeCases(): { cases: Case[]; missing: string[] } {
  if (process.env.NNEF_PULSE_CASES === undefined) {
    const script = fileURLToPath(new URL("./make_cases.py", import.meta.url));
    execFileSync(inVenv("python"), [script, inRoot("dist", "bundles"), casesFolder], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  return JSON.parse(readFileSync(`${casesFolder}/cases.json`, "utf8"));
}

/** The speech file used where it is at hand. */
export const speechFile = inRoot("..", "shared", "audio", "speech-60s-16k.wav");
export const hasSpeech = existsSync(speechFile);
