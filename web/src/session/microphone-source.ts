import { CaptureError } from "../base/errors.js";
import {
  type CaptureListener,
  type CaptureRequest,
  type CaptureTarget,
  Microphone,
} from "../capture/microphone.js";
import type { Source, SourceHost } from "./source.js";

/** Time to wait for the audio thread's last block before the worker is flushed without it. */
const FLUSH_IDLE_MS = 5000;
/** The same while the browser has suspended that thread, which may never answer. */
const SUSPENDED_FLUSH_IDLE_MS = 300;

/** Live sound. The microphone is off while paused. */
export class MicrophoneSource implements Source {
  readonly #target: CaptureTarget;
  readonly #host: SourceHost;
  #request: CaptureRequest;
  #opening: Promise<Microphone> | undefined;
  #microphone: Microphone | undefined;

  /** @param opening the microphone of `request`, if it is already being opened */
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

  async start(signal: AbortSignal): Promise<void> {
    const opening = this.#opening ?? Microphone.open(this.#request, this.#target, { signal });
    this.#opening = undefined;
    const microphone = await opening;
    if (signal.aborted) {
      microphone.close();
      throw signal.reason;
    }
    this.#microphone = microphone;
    const { inputRate, port } = microphone;
    this.#host.stream.send({ type: "begin", inputRate, port }, [port]);
    microphone.setListener(this.#listener);
  }

  async pause(): Promise<void> {
    const microphone = this.#microphone;
    if (microphone === undefined) return;
    this.#microphone = undefined;
    const idleMs = microphone.running ? FLUSH_IDLE_MS : SUSPENDED_FLUSH_IDLE_MS;
    microphone.end();
    await this.#host.flush(idleMs);
    microphone.close();
  }

  resume(signal: AbortSignal): Promise<void> {
    return this.start(signal);
  }

  stop(): Promise<void> {
    return this.pause();
  }

  /** Selects the microphone that the next `start` opens. */
  selectDevice(deviceId: string): void {
    this.#request = { ...this.#request, deviceId, stream: undefined };
  }

  readonly #listener: CaptureListener = {
    ended: () => {
      const message = "The microphone was unplugged, or its permission was revoked.";
      this.#host.reportError(new CaptureError(message, "microphone-ended"));
      this.#host.pause();
    },
    suspendedChanged: (isSuspended) => {
      if (!isSuspended) {
        this.#host.emit("recovered", { code: "context-suspended" });
        return;
      }
      const message = "The browser has paused the sound until you click in the page.";
      this.#host.reportError(new CaptureError(message, "context-suspended"));
    },
  };
}
