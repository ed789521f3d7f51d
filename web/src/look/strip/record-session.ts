import type { SessionEvent, SessionEventType } from "../../session/events.js";
import type { Span, StreamRecord } from "./stream-record.js";

/** The part of a session that is needed to record it. */
export interface SessionEventSource {
  addEventListener<Type extends SessionEventType>(
    type: Type,
    listener: (event: SessionEvent<Type>) => void,
  ): void;
}

/** Records the events of `session` in `record`; calls `onChange` after each. */
export function recordSession(
  session: SessionEventSource,
  record: StreamRecord,
  onChange: () => void,
): void {
  const on = <Type extends SessionEventType>(
    type: Type,
    listener: (event: SessionEvent<Type>) => void,
  ) =>
    session.addEventListener(type, (event) => {
      listener(event);
      onChange();
    });
  const spans = new Map<number, Span>();
  const set = (id: number, span: Span) => {
    spans.set(id, span);
    record.spans = [...spans.values()];
  };
  on("block", ({ time, samples }) => {
    // A gap between blocks is dropped sound; its time still passes.
    if (time > record.length) record.addGap(time - record.length);
    record.addSound(samples);
  });
  on("probability", ({ time, p }) =>
    record.setProbability(Math.round(time / record.format.frameSamples), p),
  );
  on("speechstart", ({ id, start }) => set(id, { start, certain: false }));
  on("speechconfirmed", ({ id, start }) => set(id, { start, certain: true }));
  on("speechend", ({ id, start, end }) => set(id, { start, end, certain: true }));
  on("misfire", ({ id }) => {
    spans.delete(id);
    record.spans = [...spans.values()];
  });
  on("error", ({ error }) => {
    if (error.code === "microphone-ended") record.markInterruption();
  });
}
