import { PendingAudioContext, type SourceContext } from "./audio-context.js";
import { type MicrophoneOptions, openMicrophone } from "./devices.js";

export interface CaptureRequest extends MicrophoneOptions {
  /** Used instead of a microphone; its tracks are not stopped. */
  readonly stream?: MediaStream | undefined;
  /** Used instead of creating one; it is not closed. */
  readonly audioContext?: AudioContext | undefined;
}

/** Requests a microphone and prepares an audio context for it in parallel. */
export class MicrophoneRequest {
  readonly ownsStream: boolean;
  readonly #stream: Promise<MediaStream>;
  readonly #context: PendingAudioContext;

  /** @param rate sample rate of a context created here, in Hz */
  constructor(request: CaptureRequest, rate: number, workletUrl: URL) {
    this.ownsStream = request.stream === undefined;
    // Requested first: creating a page's first AudioContext blocks the page for a while.
    this.#stream = request.stream ? Promise.resolve(request.stream) : openMicrophone(request);
    // Avoids an unhandled rejection; open() awaits the same promise.
    this.#stream.catch(() => undefined);
    this.#context = new PendingAudioContext(request.audioContext, rate, workletUrl);
  }

  /** @throws CaptureError; nothing is left open */
  async open(): Promise<{ readonly stream: MediaStream; readonly audio: SourceContext }> {
    let stream: MediaStream;
    try {
      stream = await this.#stream;
    } catch (error) {
      this.#context.cancel();
      throw error;
    }
    try {
      return { stream, audio: await this.#context.open(stream) };
    } catch (error) {
      if (this.ownsStream) stopTracks(stream);
      throw error;
    }
  }

  /** Releases the microphone and the context, now or as soon as they are open. */
  cancel(): void {
    this.#context.cancel();
    if (this.ownsStream) this.#stream.then(stopTracks, () => undefined);
  }
}

export function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
