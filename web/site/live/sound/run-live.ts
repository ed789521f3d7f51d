import { drawSession, silentNotice, Take } from "nnef-pulse/look";
import type { Session, Vad } from "nnef-pulse/vad";
import type { Stage } from "../view/stage.js";

/** Draws a running session on the stage: sound enters at *now*, segments become rows. */
export function runLive(
  vad: Vad,
  session: Session,
  stage: Stage,
  trouble: (error: unknown) => void,
): void {
  const { strip, board, table } = stage;
  const take = new Take(vad);
  const seconds = (samples: number) => samples / session.sampleRate;
  drawSession(session, take, () => strip.changed());
  strip.follow(take);

  session.addEventListener("speechconfirmed", ({ start }) => table.add({ start: seconds(start) }));
  session.addEventListener("speechend", ({ start, end, audio }) => {
    table.close({ start: seconds(start), end: seconds(end), clip: async () => audio });
    const length = seconds(end - start).toFixed(1);
    strip.announce(`Speech of ${length} seconds, from ${seconds(start).toFixed(1)}.`);
  });
  session.addEventListener("statechange", ({ state }) => {
    if (state === "running") strip.resume();
    else strip.rest();
  });
  session.addEventListener("error", async ({ error }) => {
    if (error.code !== "microphone-silent") return trouble(error);
    // Already loaded by now; imported above it would come before the first paint.
    const { microphones } = await import("nnef-pulse/vad");
    board.show(silentNotice(session, await microphones()));
  });
  // The first sound answers the question whether the microphone is muted.
  session.addEventListener("recovered", () => board.clear());
}
