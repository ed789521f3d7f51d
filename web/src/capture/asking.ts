import { ContextInTheMaking, type SourceContext } from "./context.js";
import { type MicrophoneRequest, openMicrophone } from "./devices.js";

export interface CaptureRequest extends MicrophoneRequest {
  /** Used instead of asking for a microphone; its tracks are not stopped. */
  readonly stream?: MediaStream | undefined;
  /** Used instead of a context of our own; it is not closed. */
  readonly audioContext?: AudioContext | undefined;
}

/** A microphone being asked for, and meanwhile a context being made for it. */
export class Asking {
  readonly ownsStream: boolean;
  readonly #stream: Promise<MediaStream>;
  readonly #context: ContextInTheMaking;

  /** @param rate asked for where the context is ours, in Hz */
  constructor(request: CaptureRequest, rate: number, workletUrl: URL) {
    this.ownsStream = request.stream === undefined;
    // Before the context: making the first one of a page takes a while, and blocks it.
    this.#stream = request.stream ? Promise.resolve(request.stream) : openMicrophone(request);
    // Told when the answer is asked for.
    this.#stream.catch(() => undefined);
    this.#context = new ContextInTheMaking(request.audioContext, rate, workletUrl);
  }

  /** @throws CaptureError; nothing is left open */
  async answer(): Promise<{ readonly stream: MediaStream; readonly audio: SourceContext }> {
    let stream: MediaStream;
    try {
      stream = await this.#stream;
    } catch (error) {
      this.#context.abandon();
      throw error;
    }
    try {
      return { stream, audio: await this.#context.open(stream) };
    } catch (error) {
      if (this.ownsStream) stopTracks(stream);
      throw error;
    }
  }

  /** It is not wanted any more. */
  abandon(): void {
    this.#context.abandon();
    if (this.ownsStream) this.#stream.then(stopTracks, () => undefined);
  }
}

export function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
