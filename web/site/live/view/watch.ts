import type { MemoryRow } from "nnef-pulse/look";
import type { Memory, Session } from "nnef-pulse/vad";
import { part } from "./elements.js";
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
  session.addEventListener("state", ({ memories }) => {
    const { values, words } = row(memories);
    memory.show(values);
    part("memory-words").textContent = words;
  });
  session.addEventListener("end", () => {
    clearInterval(timer);
    show();
  });
  session.watchState(memoryRate);
}

/** Cells the row has room for. */
const mostCells = 128;

/** What is kept as one row of -1…1: a recurrence's outputs as they are, else what the delay buffers hold. */
function row(memories: readonly Memory[]): { values: Float32Array; words: string } {
  const scan = memories.find(({ kind }) => kind === "scan");
  if (scan && scan.values.length <= mostCells) {
    const count = scan.values.length;
    const words = `The recurrent layer’s ${count} outputs, kept inside the engine from pulse to pulse.`;
    return { values: scan.values, words };
  }
  const kept = memories.flatMap(({ values }) => [...values]);
  const largest = kept.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const count = Math.min(mostCells, kept.length);
  const values = Float32Array.from({ length: count }, (_, cell) => {
    return (kept[Math.floor((cell * kept.length) / count)] ?? 0) / largest;
  });
  const buffers = `${memories.length} ${memories.length === 1 ? "buffer" : "buffers"}`;
  const words = `${count} of the ${kept.length.toLocaleString("en")} values in ${buffers}, kept inside the engine from pulse to pulse.`;
  return { values, words };
}
