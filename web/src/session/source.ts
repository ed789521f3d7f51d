import type { VadError } from "../base/errors.js";
import type { EngineStream } from "../engine/client.js";
import type { Emit } from "./timeline.js";

/** Where a session's sound comes from. */
export interface Source {
  /** Begins to send sound. Resolves when it flows, or, for a source with an end, when it has ended. */
  start(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Sends what is held back, runs it, and lets go of everything. */
  stop(): Promise<void>;
  /** A block that was sent has been run. */
  heard?(): void;
}

/** What a source needs of its session. */
export interface SourceHost {
  readonly stream: EngineStream;
  readonly emit: Emit;
  /** Samples of the session so far. */
  readonly length: number;
  /** Events that loops over the session have not yet taken. */
  readonly backlog: number;
  /** A source that took time to open has done so. */
  started(): void;
  /**
   * Resolves when the worker has run all sound of the part.
   * @param patienceMs how long no sound may come before it is asked to; 0 for a source that has sent everything
   */
  finished(patienceMs: number): Promise<void>;
  /** Tells of trouble; the source goes on or pauses by itself. */
  trouble(error: VadError): void;
  /** The source cannot go on until it is resumed. */
  interrupted(): void;
}
