import type { SessionEventType } from "../session/events.js";

/** What `<nnef-vad>` is doing. */
export type Activity = "nothing" | "asking" | "loading" | "listening" | "paused" | "reading";

/** Label of the button, and status line, for each activity. */
export const labels: Readonly<Record<Activity, readonly [button: string, status: string]>> = {
  nothing: ["Listen", "Your audio stays in this page."],
  asking: ["Waiting", "Waiting for your permission."],
  loading: ["Waiting", "The engine is loading."],
  listening: ["Pause", "Listening."],
  paused: ["Resume", "Paused. The microphone is off."],
  reading: ["Listen", "Finding speech."],
};

/** Session events that the element dispatches under the same names. */
export const forwardedEvents: readonly SessionEventType[] = [
  "speechstart",
  "speechconfirmed",
  "misfire",
  "speechend",
  "probability",
  "drop",
];

/** Format of the empty strip: pulses of 32 ms. */
export const emptyFormat = { sampleRate: 16000, frameSamples: 512, pulseSamples: 512 };
