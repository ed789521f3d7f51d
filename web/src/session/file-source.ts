import { abortable } from "../base/abortable.js";
import { DecodeError } from "../base/errors.js";
import { openSound, type SoundFile } from "../sound/sound-file.js";
import type { Source, SourceHost } from "./source.js";

/** Blocks in flight to the worker: two keep it busy while the next is read. */
const MAX_IN_FLIGHT = 2;
/** Unread events at which the file waits for a slow reader. */
const MAX_BACKLOG = 10_000;

/** Reads a file as fast as the engine and the readers of the session's events allow. */
export class FileSource implements Source {
  readonly #file: Blob;
  readonly #sampleRate: number;
  readonly #host: SourceHost;
  #sent = 0;
  #processed = 0;
  #paused = false;
  #wake: (() => void) | undefined;
  #total = 0;

  /** @param sampleRate of the model, in Hz */
  constructor(file: Blob, sampleRate: number, host: SourceHost) {
    this.#file = file;
    this.#sampleRate = sampleRate;
    this.#host = host;
  }

  async start(signal: AbortSignal): Promise<void> {
    const sound = await abortable(openSound(this.#file), signal);
    if (sound.length === 0) throw new DecodeError("The file contains no sound.", "file-empty");
    this.#total = Math.ceil((sound.length * this.#sampleRate) / sound.sampleRate);
    this.#host.started();
    this.#host.stream.send({ type: "begin", inputRate: sound.sampleRate });
    signal.addEventListener("abort", () => this.#wake?.(), { once: true });
    await this.#feed(sound, signal);
    signal.throwIfAborted();
    await this.#host.flush(0);
  }

  async pause(): Promise<void> {
    this.#paused = true;
  }

  async resume(): Promise<void> {
    this.#paused = false;
    this.#wake?.();
  }

  /** Processes what was sent: the signal has ended the reading. */
  async stop(): Promise<void> {
    if (this.#total > 0) await this.#host.flush(0);
  }

  blockDone(): void {
    this.#processed += 1;
    const done = Math.min(this.#host.length(), this.#total);
    this.#host.emit("progress", { done, total: this.#total, fraction: done / this.#total });
    this.#wake?.();
  }

  async #feed(sound: SoundFile, signal: AbortSignal): Promise<void> {
    for (let at = 0; at < sound.length && !signal.aborted; at += sound.sampleRate) {
      const samples = await sound.read(at, at + sound.sampleRate);
      await this.#readyToSend(signal);
      if (signal.aborted) return;
      this.#sent += 1;
      this.#host.stream.send({ type: "push", samples }, [samples.buffer]);
    }
    while (this.#processed < this.#sent && !signal.aborted) await this.#wakeUp();
  }

  /** Waits until another block may be sent. */
  async #readyToSend(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (this.#paused || this.#sent - this.#processed >= MAX_IN_FLIGHT))
      await this.#wakeUp();
    // A `for await` loop gives no signal when it has caught up.
    while (!signal.aborted && this.#host.backlog() > MAX_BACKLOG)
      await new Promise((done) => setTimeout(done, 20));
  }

  #wakeUp(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
