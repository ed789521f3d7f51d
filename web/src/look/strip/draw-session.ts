import type { SessionEvent, SessionEventType } from "../../session/events.js";
import type { Span, Take } from "./take.js";

/** What is asked of a session in order to draw it. */
export interface Tells {
  addEventListener<Type extends SessionEventType>(
    type: Type,
    listener: (event: SessionEvent<Type>) => void,
  ): void;
}

/** Writes what `session` tells into `take`; `changed` is called when something came to be seen. */
export function drawSession(session: Tells, take: Take, changed: () => void): void {
  const on = <Type extends SessionEventType>(
    type: Type,
    listener: (event: SessionEvent<Type>) => void,
  ) =>
    session.addEventListener(type, (event) => {
      listener(event);
      changed();
    });
  const spans = new Map<number, Span>();
  const set = (id: number, span: Span) => {
    spans.set(id, span);
    take.spans = [...spans.values()];
  };
  on("block", ({ time, samples }) => {
    // Sound that never became a block was dropped; its time passed all the same.
    if (time > take.length) take.addGap(time - take.length);
    take.addSound(samples);
  });
  on("probability", ({ time, p }) =>
    take.setProbability(Math.round(time / take.format.frameSamples), p),
  );
  on("speechstart", ({ id, start }) => set(id, { start, certain: false }));
  on("speechconfirmed", ({ id, start }) => set(id, { start, certain: true }));
  on("speechend", ({ id, start, end }) => set(id, { start, end, certain: true }));
  on("misfire", ({ id }) => {
    spans.delete(id);
    take.spans = [...spans.values()];
  });
  on("error", ({ error }) => {
    if (error.code === "microphone-ended") take.tear();
  });
}
