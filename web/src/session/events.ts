import type { VadError } from "../base/errors.js";
import type { MicrophoneInfo } from "../capture/devices.js";
import type { Memory, NodeValues } from "../engine/node-values.js";
import type { SpeechAudio } from "../sound/speech-audio.js";

export type { MicrophoneInfo } from "../capture/devices.js";
export type { Memory, NodeValues, PlainTensor } from "../engine/node-values.js";

/** A span of the session's time, in samples at the model's rate and in seconds. */
export interface Span {
  /** First sample. */
  readonly start: number;
  /** One past the last sample. */
  readonly end: number;
  readonly startSeconds: number;
  readonly endSeconds: number;
}

/** A frame reached the threshold and opened a segment, which may still turn out to be a misfire. */
export interface SpeechStartDetail {
  /** Number of the segment in the session, misfires included; the same in each of its events. */
  readonly id: number;
  /** First sample of the segment, padding included. It is final. */
  readonly start: number;
  readonly startSeconds: number;
  /** Always true: the segment may still be too short. */
  readonly provisional: true;
}

/** The segment is long enough to be speech: a `speechend` follows. */
export interface SpeechConfirmedDetail {
  readonly id: number;
  readonly start: number;
  readonly startSeconds: number;
}

/** The segment was too short to be speech. */
export interface MisfireDetail {
  readonly id: number;
  readonly start: number;
  readonly startSeconds: number;
}

/** A complete segment, with its sound. */
export interface SpeechEndDetail extends Span {
  readonly id: number;
  readonly audio: SpeechAudio;
}

/** The model's result for one frame. */
export interface ProbabilityDetail {
  /** First sample of the frame. The model's delay is already subtracted. */
  readonly time: number;
  readonly seconds: number;
  /** 0 to 1. */
  readonly p: number;
}

/** Sound as the model receives it: mono, at the model's rate. Sent before its probabilities. */
export interface BlockDetail {
  /** Sample of the session at which `samples` starts. */
  readonly time: number;
  readonly seconds: number;
  /** Do not modify: the session keeps the same array. */
  readonly samples: Float32Array;
}

/** Sound was lost because the engine was too slow, or took too long to load. Later times stay correct. */
export interface DropDetail {
  /** Pulses that were skipped. */
  readonly pulses: number;
  /** First lost sample. */
  readonly time: number;
  readonly seconds: number;
  /** Number of lost samples. */
  readonly length: number;
}

/** The engine's state after one pulse. */
export interface StateDetail {
  /** First sample of the pulse. */
  readonly time: number;
  readonly seconds: number;
  readonly memories: readonly Memory[];
}

/** Values of every node at one pulse of this stream. */
export interface ValuesDetail {
  /** In execution order. */
  readonly nodes: readonly NodeValues[];
}

/** Progress of a file. */
export interface ProgressDetail {
  /** Samples processed so far. */
  readonly done: number;
  /** Samples of the file. */
  readonly total: number;
  /** 0 to 1. */
  readonly fraction: number;
}

/** A microphone was connected or disconnected. */
export interface DevicesDetail {
  readonly microphones: readonly MicrophoneInfo[];
}

export type SessionState =
  /** The microphone or the file is being opened. */
  | "opening"
  | "running"
  /** The microphone is off; `resume()` turns it on again. */
  | "paused"
  /** `stop()` was called; the last sound is being processed. */
  | "stopping"
  /** Ended; the `end` event gives the reason. */
  | "closed";

export interface StateChangeDetail {
  readonly state: SessionState;
}

/** An error. */
export interface ErrorDetail {
  readonly error: VadError;
  /** True: an `end` event follows. False: the session continues, or waits for `resume()`. */
  readonly fatal: boolean;
}

/** The cause of a non-fatal error is gone. */
export interface RecoveredDetail {
  /** Code of that error. */
  readonly code: "microphone-silent" | "context-suspended";
}

/** The session has ended; no event follows. */
export interface EndDetail {
  /** `ended`: the whole file was read. */
  readonly reason: "ended" | "stopped" | "failed";
  /** Samples of sound in the session. */
  readonly length: number;
  readonly lengthSeconds: number;
}

/** Fields of each event, both on the event itself and in its `detail`. */
export interface SessionEvents {
  readonly speechstart: SpeechStartDetail;
  readonly speechconfirmed: SpeechConfirmedDetail;
  readonly misfire: MisfireDetail;
  readonly speechend: SpeechEndDetail;
  readonly probability: ProbabilityDetail;
  readonly block: BlockDetail;
  readonly drop: DropDetail;
  readonly state: StateDetail;
  readonly values: ValuesDetail;
  readonly progress: ProgressDetail;
  readonly devices: DevicesDetail;
  readonly statechange: StateChangeDetail;
  readonly error: ErrorDetail;
  readonly recovered: RecoveredDetail;
  readonly end: EndDetail;
}

export type SessionEventType = keyof SessionEvents;

/** An event of a session. Its fields are on the event itself and in its `detail`. */
export type SessionEvent<Type extends SessionEventType = SessionEventType> = {
  [T in Type]: Event & { readonly type: T; readonly detail: SessionEvents[T] } & SessionEvents[T];
}[Type];

/** @internal */
export function sessionEvent<Type extends SessionEventType>(
  type: Type,
  detail: SessionEvents[Type],
): SessionEvent<Type> {
  return Object.assign(new Event(type), detail, { detail }) as unknown as SessionEvent<Type>;
}
