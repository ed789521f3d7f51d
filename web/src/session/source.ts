import type { VadError } from "../base/errors.js";
import type { EngineStream } from "../engine/client.js";
import type { Emit } from "./timeline.js";

/** Source of a session's sound. */
export interface Source {
  /**
   * Starts sending sound. Resolves once sound flows; for a file, once all of it has been processed.
   * @throws the signal's reason; nothing is left open
   */
  start(signal: AbortSignal): Promise<void>;
  pause(): Promise<void>;
  resume(signal: AbortSignal): Promise<void>;
  /** Sends and processes the remaining sound, then releases everything. */
  stop(): Promise<void>;
  /** The worker has processed one block. */
  blockDone?(): void;
}

/** The session, as its source sees it. */
export interface SourceHost {
  readonly stream: EngineStream;
  readonly emit: Emit;
  /** Samples of the session so far. */
  length(): number;
  /** Events that the session's loops have not read yet. */
  backlog(): number;
  /** The source is open. */
  started(): void;
  /**
   * Resolves when the worker has run all sound sent so far.
   * @param idleMs time without sound after which the worker is asked; 0 where all sound has been sent
   */
  flush(idleMs: number): Promise<void>;
  /** Reports a non-fatal error. */
  reportError(error: VadError): void;
  /** Pauses the session: the source cannot continue. */
  pause(): void;
}
