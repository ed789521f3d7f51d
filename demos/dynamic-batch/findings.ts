import { knowledge } from "../kit/page/findings.ts";

/** What figures have found out that tasks ask about. */
export const knownOf = knowledge<{
  /** Milliseconds of a whole run by batch, measured here with the size left open. */
  measured: ReadonlyMap<number, number>;
}>();
