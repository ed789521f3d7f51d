import {
  type CaptureListener,
  type CaptureRequest,
  type CaptureTarget,
  Microphone,
} from "../capture/microphone.js";
import { CaptureError } from "../errors.js";
import type { Source, SourceHost } from "./source.js";

/** How long what the audio thread holds back may take to arrive. It takes longer only where the browser has frozen that thread. */
const FLUSH_MS = 500;

/** Live sound. While paused the microphone is off. */
export class MicrophoneSource implements Source {
  readonly #target: CaptureTarget;
  readonly #host: SourceHost;
  #request: CaptureRequest;
  #microphone: Microphone | undefined;

  constructor(request: CaptureRequest, target: CaptureTarget, host: SourceHost) {
    this.#request = request;
    this.#target = target;
    this.#host = host;
  }

  get microphone(): Microphone | undefined {
    return this.#microphone;
  }

  async start(): Promise<void> {
    const microphone = await Microphone.open(this.#request, this.#target, this.#listener);
    this.#microphone = microphone;
    const { inputRate, port } = microphone;
    this.#host.stream.send({ type: "begin", inputRate, port }, [port]);
  }

  async pause(): Promise<void> {
    const microphone = this.#microphone;
    if (microphone === undefined) return;
    this.#microphone = undefined;
    microphone.end();
    await this.#host.finished(FLUSH_MS);
    microphone.close();
  }

  resume(): Promise<void> {
    return this.start();
  }

  stop(): Promise<void> {
    return this.pause();
  }

  /** Takes another microphone from the next `start` on. */
  choose(deviceId: string): void {
    this.#request = { ...this.#request, deviceId, stream: undefined };
  }

  readonly #listener: CaptureListener = {
    ended: () => {
      const message = "The microphone was unplugged or its permission taken back.";
      this.#host.trouble(new CaptureError(message, "microphone-ended"));
      this.#host.interrupted();
    },
    suspended: (suspended) => {
      if (!suspended) {
        this.#host.emit("recovered", { code: "context-suspended" });
        return;
      }
      const message = "The browser holds the sound back until you click in the page.";
      this.#host.trouble(new CaptureError(message, "context-suspended"));
    },
  };
}
