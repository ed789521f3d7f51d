import type { MemoryRow } from "nnef-pulse/look";
import type { Session } from "nnef-pulse/vad";
import { type PulseFacts, showRun } from "./figures.js";

/** Times a second what the engine remembers is redrawn. */
const memoryRate = 10;
/** Times a second the engine's figures are read. */
const figuresRate = 4;

/** Keeps the engine's figures and its memory in view as long as `session` runs. */
export function watchEngine(session: Session, pulse: PulseFacts, memory: MemoryRow): void {
  const show = () => {
    // The mean: a browser's clock is too coarse for the median of so short a time.
    const { pulses, pulseMs, waiting, dropped } = session.figures;
    showRun({ pulses, msPerPulse: pulseMs?.mean ?? 0, waiting, dropped }, pulse);
  };
  const timer = setInterval(show, 1000 / figuresRate);
  session.addEventListener("state", (event) => {
    const scan = event.memories.find(({ kind }) => kind === "scan") ?? event.memories[0];
    if (scan) memory.show(scan.values);
  });
  session.addEventListener("end", () => {
    clearInterval(timer);
    show();
  });
  session.watchState(memoryRate);
}
