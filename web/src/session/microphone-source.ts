import { CaptureError } from "../base/errors.js";
import { Asking, type CaptureRequest } from "../capture/asking.js";
import { type CaptureListener, type CaptureTarget, Microphone } from "../capture/microphone.js";
import type { Source, SourceHost } from "./source.js";

/** How long the audio thread may be silent, while it has something to send, before the worker is asked to finish without it. */
const PATIENCE_MS = 5000;
/** The same where the browser has suspended that thread: it may never answer. */
const SUSPENDED_PATIENCE_MS = 300;

/** Live sound. While paused the microphone is off. */
export class MicrophoneSource implements Source {
  readonly #target: CaptureTarget;
  readonly #host: SourceHost;
  #request: CaptureRequest;
  #opening: Promise<Microphone> | undefined;
  #microphone: Microphone | undefined;

  /** @param opening the microphone of `request`, where it is being opened already */
  constructor(
    request: CaptureRequest,
    target: CaptureTarget,
    host: SourceHost,
    opening: Promise<Microphone> | undefined,
  ) {
    this.#request = request;
    this.#opening = opening;
    this.#target = target;
    this.#host = host;
  }

  get microphone(): Microphone | undefined {
    return this.#microphone;
  }

  async start(): Promise<void> {
    const opening = this.#opening ?? this.#open();
    this.#opening = undefined;
    const microphone = await opening;
    this.#microphone = microphone;
    const { inputRate, port } = microphone;
    this.#host.stream.send({ type: "begin", inputRate, port }, [port]);
    microphone.attend(this.#listener);
  }

  #open(): Promise<Microphone> {
    const { sampleRate, workletUrl } = this.#target;
    return Microphone.open(new Asking(this.#request, sampleRate, workletUrl), this.#target);
  }

  async pause(): Promise<void> {
    const microphone = this.#microphone;
    if (microphone === undefined) return;
    this.#microphone = undefined;
    const patience = microphone.running ? PATIENCE_MS : SUSPENDED_PATIENCE_MS;
    microphone.end();
    await this.#host.finished(patience);
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
