import { recordSession, StreamRecord } from "nnef-pulse/look";
import type { Session, Vad } from "nnef-pulse/vad";
import { RecordedResult } from "../view/recorded-result.js";

/** A file's result and its cost. */
export interface FileResult {
  readonly result: RecordedResult;
  readonly pulses: number;
  /** Total run time of all pulses, in milliseconds. */
  readonly ms: number;
}

export interface FileListener {
  readonly started: (session: Session) => void;
  /** Called with the fraction processed, 0 to 1. */
  readonly progress: (fraction: number) => void;
}

/**
 * Runs a whole file through the model.
 * @throws VadError if the file cannot be decoded or run
 */
export function runFile(vad: Vad, blob: Blob, listener: FileListener): Promise<FileResult> {
  const session = vad.file(blob, { record: true });
  const record = new StreamRecord(vad);
  recordSession(session, record, () => undefined);
  listener.started(session);
  session.addEventListener("progress", ({ fraction }) => listener.progress(fraction));
  return new Promise((resolve, reject) => {
    session.addEventListener("error", (event) => {
      if (event.fatal) reject(event.error);
    });
    session.addEventListener("end", () => {
      const { pulses, pulseMs } = session.figures;
      const result = new RecordedResult(record, async () => session.recording());
      resolve({ result, pulses, ms: pulses * (pulseMs?.mean ?? 0) });
    });
  });
}

/** `Computed here: 312 pulses in 53 ms`, as measured. */
export function computedHere({ pulses, ms }: FileResult): string {
  const time = ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
  return `Computed here: ${pulses.toLocaleString("en")} pulses in ${time}`;
}
