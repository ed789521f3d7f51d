/** Runs any bundle with a pulsed form, in a page or on a server. */

export * from "./base/errors.js";
export type { Bundle } from "./bundle/load.js";
export type { AudioFeed, AudioOptions } from "./stream/audio/audio-feed.js";
export { openStream, type StreamOptions } from "./stream/open.js";
export type { StreamResult } from "./stream/output-trimmer.js";
export { type PipeOptions, pipe, type Stream } from "./stream/pipe.js";
export type { StreamPort } from "./stream/ports.js";
export type { Frames, Values } from "./stream/pulse-cutter.js";
export type { StreamFigures } from "./stream/stream-meter.js";
