import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = fileURLToPath(new URL("./", import.meta.url));
const python = [
  `${here}../../../../.venv/bin/python`,
  `${here}../../../../.venv/Scripts/python.exe`,
].find(existsSync);

export type Spans = [start: number, end: number][];

export interface Reference {
  readonly probabilities: number[];
  readonly segments: Spans;
  readonly original?: Spans;
  /** Per edge of `original`, samples by which it comes later in the recording; null where the browser lost sound. */
  readonly lateness?: [number | null, number | null][];
}

/** What the silero-vad package says of a WAV file, and of the file it is a recording of. */
export async function silero(file: string, original?: string): Promise<Reference> {
  if (python === undefined) throw new Error("There is no .venv; `npm test` makes it.");
  const files = original === undefined ? [file] : [file, original];
  const { stdout } = await promisify(execFile)(python, [`${here}reference.py`, ...files], {
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout);
}
