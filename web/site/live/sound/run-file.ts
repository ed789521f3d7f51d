import { drawSession, Take } from "nnef-pulse/look";
import type { Session, Vad } from "nnef-pulse/vad";
import { Still } from "../view/still.js";

/** A file's result, with what it took to get it. */
export interface FileResult {
  readonly still: Still;
  readonly pulses: number;
  /** Time the engine took for all pulses together. */
  readonly ms: number;
}

export interface FileListener {
  readonly started: (session: Session) => void;
  /** How much has been run, 0 to 1. */
  readonly progress: (fraction: number) => void;
}

/**
 * Runs all of `blob` through the model.
 * @throws VadError where the file cannot be decoded or run
 */
export function runFile(vad: Vad, blob: Blob, listener: FileListener): Promise<FileResult> {
  const session = vad.file(blob, { record: true });
  const take = new Take(vad);
  drawSession(session, take, () => undefined);
  listener.started(session);
  session.addEventListener("progress", ({ fraction }) => listener.progress(fraction));
  return new Promise((resolve, reject) => {
    session.addEventListener("error", (event) => {
      if (event.fatal) reject(event.error);
    });
    session.addEventListener("end", () => {
      const { pulses, pulseMs } = session.figures;
      const still = new Still(take, async () => session.recording());
      resolve({ still, pulses, ms: pulses * (pulseMs?.mean ?? 0) });
    });
  });
}

/** `Computed here: 312 pulses in 53 ms`, as measured. */
export function computedHere({ pulses, ms }: FileResult): string {
  const time = ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
  return `Computed here: ${pulses.toLocaleString("en")} pulses in ${time}`;
}
