export interface Memory {
  /** At every tenth of the run. */
  readonly engineBytes: readonly number[];
  /** Of the page; null where the browser does not tell. */
  readonly heapBefore: number | null;
  readonly heapAfter: number | null;
}

/** One run, as `npm run endurance` prints it. */
export interface Figures {
  readonly browser: string;
  readonly what: "file" | "live";
  /** Of sound. */
  readonly seconds: number;
  /** The same by the clock of the sound device, which waits for a busy machine; null for a file. */
  readonly soundSeconds: number | null;
  readonly frames: number;
  /** Largest difference of a probability from what it has to be. */
  readonly error: number;
  readonly dropped: number;
  /** How many times faster than it lasts the sound was done. */
  readonly faster: number | null;
  readonly memory: Memory;
  /** Bytes that the browser's processes have for themselves, at every tenth of the run. */
  readonly processBytes: readonly number[];
}
