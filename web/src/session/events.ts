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

/** A frame at or above the threshold opened a segment. It may yet turn out a misfire. */
export interface SpeechStartDetail {
  /** Counts a session's segments, misfires included. The same in every event of one segment. */
  readonly id: number;
  /** Sample at which the segment, padding included, begins. It will not move. */
  readonly start: number;
  readonly startSeconds: number;
  /** True: nothing but its length has to be shown yet. */
  readonly provisional: true;
}

/** The segment is long enough: a `speechend` will follow. */
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

/** A segment, certain, with its sound. */
export interface SpeechEndDetail extends Span {
  readonly id: number;
  readonly audio: SpeechAudio;
}

/** One frame's result. */
export interface ProbabilityDetail {
  /** Sample at which the frame the probability stands for begins; the model's delay is already taken off. */
  readonly time: number;
  readonly seconds: number;
  /** 0 to 1. */
  readonly p: number;
}

/** Sound as the model hears it: mono, at the model's rate, before it is answered by its probabilities. */
export interface BlockDetail {
  /** Sample of the session at which `samples` begins. */
  readonly time: number;
  readonly seconds: number;
  /** For reading only: the session keeps the same array. */
  readonly samples: Float32Array;
}

/** Sound was lost because the engine could not follow, or was not there for too long. Times after it are right. */
export interface DropDetail {
  /** Pulses that were not run. */
  readonly pulses: number;
  /** First sample lost. */
  readonly time: number;
  readonly seconds: number;
  /** Samples lost. */
  readonly length: number;
}

/** What the engine keeps for the next pulse, at one pulse. */
export interface StateDetail {
  /** Sample at which the pulse begins. */
  readonly time: number;
  readonly seconds: number;
  readonly memories: readonly Memory[];
}

/** What every node of the model gave at one pulse of this very stream. */
export interface ValuesDetail {
  /** In the order in which they ran. */
  readonly nodes: readonly NodeValues[];
}

/** How far a file is. */
export interface ProgressDetail {
  /** Samples run so far. */
  readonly done: number;
  /** Samples in all. */
  readonly total: number;
  /** 0 to 1. */
  readonly fraction: number;
}

/** Microphones came or went. */
export interface DevicesDetail {
  readonly microphones: readonly MicrophoneInfo[];
}

export type SessionState =
  /** The file is being read. A microphone session starts out running. */
  | "starting"
  | "running"
  /** The microphone is off; `resume()` goes on. */
  | "paused"
  /** Over, for whichever reason; see the `end` event. */
  | "stopped";

export interface StateChangeDetail {
  readonly state: SessionState;
}

/** Trouble. */
export interface ErrorDetail {
  readonly error: VadError;
  /** True: an `end` event follows. False: the session goes on, or waits for `resume()`. */
  readonly fatal: boolean;
}

/** What a non-fatal error told of is over. */
export interface RecoveredDetail {
  /** Of the error. */
  readonly code: "microphone-silent" | "context-suspended";
}

/** The session is over; no event comes after it. */
export interface EndDetail {
  /** `ended`: the file was read to its end. */
  readonly reason: "ended" | "stopped" | "failed";
  /** Samples of sound the session took in. */
  readonly length: number;
  readonly lengthSeconds: number;
}

/** What each event carries, both on the event itself and as its `detail`. */
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

/** An event of a session: what it carries can be read from it or from its `detail`. */
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
