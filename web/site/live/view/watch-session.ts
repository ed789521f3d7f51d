import type { MemoryRow } from "nnef-pulse/look";
import type { Memory, Session } from "nnef-pulse/vad";
import { type PulseFacts, showRun } from "./figures.js";
import { part } from "./page-elements.js";

/** Updates of the memory row per second. */
const memoryRate = 10;
/** Updates of the engine's figures per second. */
const figuresRate = 4;

/** Shows the engine's figures and state while `session` runs. */
export function watchSession(session: Session, pulse: PulseFacts, memory: MemoryRow): void {
  const show = () => {
    // The mean: browser clocks are too coarse for a median of such short times.
    const { pulses, pulseMs, waiting, dropped } = session.figures;
    showRun({ pulses, msPerPulse: pulseMs?.mean ?? 0, waiting, dropped }, pulse);
  };
  const timer = setInterval(show, 1000 / figuresRate);
  session.addEventListener("state", ({ memories }) => {
    const { values, text } = memoryRow(memories);
    memory.show(values);
    part("memory-words").textContent = text;
  });
  session.addEventListener("end", () => {
    clearInterval(timer);
    show();
  });
  session.watchState(memoryRate);
}

/** Cells in the row. */
const maxCells = 128;

/** The state as one row of values from -1 to 1: a recurrence's outputs, or else the scaled delay buffers. */
function memoryRow(memories: readonly Memory[]): { values: Float32Array; text: string } {
  const scan = memories.find(({ kind }) => kind === "scan");
  if (scan && scan.values.length <= maxCells) {
    const count = scan.values.length;
    const text = `The recurrent layer’s ${count} outputs, kept in the engine between pulses.`;
    return { values: scan.values, text };
  }
  const kept = memories.flatMap(({ values }) => [...values]);
  const largest = kept.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const count = Math.min(maxCells, kept.length);
  const values = Float32Array.from({ length: count }, (_, cell) => {
    return (kept[Math.floor((cell * kept.length) / count)] ?? 0) / largest;
  });
  const buffers = `${memories.length} ${memories.length === 1 ? "buffer" : "buffers"}`;
  const text = `${count} of the ${kept.length.toLocaleString("en")} values in ${buffers}, kept in the engine between pulses.`;
  return { values, text };
}
