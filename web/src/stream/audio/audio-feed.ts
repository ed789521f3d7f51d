import { abortable, anySignal } from "../../base/abortable.js";
import { CaptureError, DecodeError } from "../../base/errors.js";
import type { MicrophoneOptions } from "../../capture/devices.js";
import { Microphone } from "../../capture/microphone.js";
import type { CaptureMessage } from "../../engine/protocol.js";
import { openSound, type SoundFile } from "../../sound/sound-file.js";
import { type AudioSink, FramePusher, pushBlocks } from "./frame-pusher.js";

/** Where the sound comes from: by default the browser's microphone. */
export interface AudioOptions extends MicrophoneOptions {
  /** Sound to use instead of a microphone; its tracks are left running. */
  readonly stream?: MediaStream;
  /** Used instead of an audio context of our own; left open. */
  readonly audioContext?: AudioContext;
  /** A file, or samples, to be read to its end instead. WAV is read everywhere, other sound where a browser decodes it. */
  readonly file?: Blob | { readonly samples: Float32Array; readonly sampleRate: number };
  /** Gives up the wait for the microphone, or stops the sound. */
  readonly signal?: AbortSignal;
  /** Told when the browser holds the sound back, and with undefined when it goes on. */
  readonly onSuspended?: (error: CaptureError | undefined) => void;
}

/** Sound that flows into a stream. */
export interface AudioFeed {
  /** Of the sound as it comes in, in Hz. */
  readonly inputRate: number;
  /** The microphone in use. */
  readonly deviceId: string | undefined;
  /** Resolves when the sound has ended and the stream is flushed; rejects when it failed. */
  readonly ended: Promise<void>;
  /** Turns the microphone off, or leaves the rest of the file out, and flushes the stream. May be called twice. */
  stop(): Promise<void>;
  /** @internal Resolves as `ended`; a microphone is turned off, a file read to its end. */
  finish(): Promise<void>;
}

/** Seconds of a file read at a time. */
const FILE_SECONDS = 1;
/** Time to wait for the audio thread's last block. */
const END_MS = 5000;
/** The same while the browser has suspended that thread, which may never answer. */
const SUSPENDED_END_MS = 300;
const endMessage = { data: { type: "end", lost: 0 } } as MessageEvent<CaptureMessage>;

/**
 * Begins to feed sound. Resolves when it flows.
 * @throws CaptureError, DecodeError, or the signal's reason; nothing is left open
 */
export async function openFeed(sink: AudioSink, options: AudioOptions): Promise<AudioFeed> {
  const signal = anySignal(options.signal, sink.closing);
  signal.throwIfAborted();
  const { file } = options;
  if (file === undefined) return microphoneFeed(sink, options, signal);
  const sound = file instanceof Blob ? await abortable(openSound(file), signal) : samplesOf(file);
  if (sound.length === 0) throw new DecodeError("The file holds no sound.", "file-empty");
  return fileFeed(sink, sound, signal);
}

function samplesOf({
  samples,
  sampleRate,
}: {
  samples: Float32Array;
  sampleRate: number;
}): SoundFile {
  const read = async (from: number, to: number) => samples.slice(from, to);
  return { sampleRate, length: samples.length, read };
}

function fileFeed(sink: AudioSink, sound: SoundFile, signal: AbortSignal): AudioFeed {
  const stopping = new AbortController();
  const isOver = () => signal.aborted || stopping.signal.aborted;
  const run = async () => {
    const pusher = new FramePusher(sink, sound.sampleRate);
    const step = FILE_SECONDS * sound.sampleRate;
    for (let at = 0; at < sound.length && !isOver(); at += step) {
      await pusher.push(await sound.read(at, at + step));
    }
    await pusher.end();
    await sink.flush();
  };
  const ended = run().catch((error) => {
    sink.fail(error);
    throw error;
  });
  // Avoids an unhandled rejection where only the results are read: they end by the same error.
  ended.catch(() => undefined);
  const stop = () => {
    stopping.abort();
    return ended;
  };
  return { inputRate: sound.sampleRate, deviceId: undefined, ended, stop, finish: () => ended };
}

async function microphoneFeed(
  sink: AudioSink,
  options: AudioOptions,
  signal: AbortSignal,
): Promise<AudioFeed> {
  const { sampleRate, pulseSamples, workletUrl } = sink;
  const target = { sampleRate, pulseSamples, workletUrl };
  const microphone = await Microphone.open(options, target, { signal });
  let failure: CaptureError | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ended = new Promise<void>((resolve, reject) => {
    const finish = (error?: unknown) => {
      clearTimeout(timer);
      microphone.close();
      if (error === undefined) return resolve();
      sink.fail(error);
      reject(error);
    };
    pushBlocks(microphone.port, new FramePusher(sink, microphone.inputRate), sink).then(
      () => finish(failure),
      finish,
    );
    signal.addEventListener("abort", () => finish(signal.reason), { once: true });
  });
  // Avoids an unhandled rejection where only the results are read: they end by the same error.
  ended.catch(() => undefined);
  const stop = () => {
    const idleMs = microphone.running ? END_MS : SUSPENDED_END_MS;
    microphone.end();
    timer ??= setTimeout(() => microphone.port.onmessage?.(endMessage), idleMs);
    return ended;
  };
  microphone.setListener({
    ended: () => {
      const message = "The microphone was unplugged, or its permission was revoked.";
      failure = new CaptureError(message, "microphone-ended");
      void stop();
    },
    suspendedChanged: (isSuspended) => {
      const message = "The browser has paused the sound until you click in the page.";
      const error = new CaptureError(message, "context-suspended");
      options.onSuspended?.(isSuspended ? error : undefined);
    },
  });
  const { inputRate, deviceId } = microphone;
  return { inputRate, deviceId, ended, stop, finish: stop };
}
