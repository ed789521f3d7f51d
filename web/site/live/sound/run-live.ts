import { recordSession, StreamRecord, silentNotice } from "nnef-pulse/look";
import type { Session, Vad } from "nnef-pulse/vad";
import type { LiveView } from "../view/live-view.js";

/** Shows a running session: sound enters the strip at *now*, segments become table rows. */
export function runLive(
  vad: Vad,
  session: Session,
  view: LiveView,
  onError: (error: unknown) => void,
): void {
  const { strip, board, table } = view;
  const record = new StreamRecord(vad);
  const seconds = (samples: number) => samples / session.sampleRate;
  recordSession(session, record, () => strip.changed());
  strip.follow(record);

  session.addEventListener("speechconfirmed", ({ start }) => table.add({ start: seconds(start) }));
  session.addEventListener("speechend", ({ start, end, audio }) => {
    table.complete({ start: seconds(start), end: seconds(end), clip: async () => audio });
    const length = seconds(end - start).toFixed(1);
    strip.announce(`Speech, ${length} seconds long, from ${seconds(start).toFixed(1)} seconds.`);
  });
  session.addEventListener("statechange", ({ state }) => {
    if (state === "running") strip.resume();
    else strip.rest();
  });
  session.addEventListener("error", async ({ error }) => {
    if (error.code !== "microphone-silent") return onError(error);
    // Already loaded by now; a static import would delay the first paint.
    const { microphones } = await import("nnef-pulse/vad");
    board.show(silentNotice(session, await microphones()));
  });
  // The microphone is not muted after all.
  session.addEventListener("recovered", () => board.clear());
}
