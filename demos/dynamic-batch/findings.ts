import { createFindings } from "../kit/page/findings.ts";

/** Results of figures that tasks use. */
export const findingsOf = createFindings<{
  /** Milliseconds of a run for each batch size, measured with the size left open. */
  measured: ReadonlyMap<number, number>;
}>();
