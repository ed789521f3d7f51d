import { DecodeError } from "../base/errors.js";
import { openSound, type SoundFile } from "../sound/sound-file.js";
import type { Source, SourceHost } from "./source.js";

/** Blocks sent to the worker and not yet run. Two keep it busy while the next is read. */
const IN_FLIGHT = 2;
/** Events a slow reader may leave lying before the file waits for it. */
const BACKLOG = 10_000;

/** A file's sound, run as fast as the engine and the readers of its events allow. */
export class FileSource implements Source {
  readonly #file: Blob;
  readonly #sampleRate: number;
  readonly #host: SourceHost;
  #sent = 0;
  #heard = 0;
  #paused = false;
  #stopped = false;
  #wake: (() => void) | undefined;
  #total = 0;

  /** @param sampleRate of the model, in Hz */
  constructor(file: Blob, sampleRate: number, host: SourceHost) {
    this.#file = file;
    this.#sampleRate = sampleRate;
    this.#host = host;
  }

  async start(): Promise<void> {
    const sound = await openSound(this.#file);
    if (this.#stopped) return;
    if (sound.length === 0) throw new DecodeError("The file holds no sound.", "file-empty");
    this.#total = Math.ceil((sound.length * this.#sampleRate) / sound.sampleRate);
    this.#host.started();
    this.#host.stream.send({ type: "begin", inputRate: sound.sampleRate });
    await this.#feed(sound);
    if (!this.#stopped) await this.#host.finished(0);
  }

  async pause(): Promise<void> {
    this.#paused = true;
  }

  async resume(): Promise<void> {
    this.#paused = false;
    this.#wake?.();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
  }

  heard(): void {
    this.#heard += 1;
    const done = Math.min(this.#host.length, this.#total);
    this.#host.emit("progress", { done, total: this.#total, fraction: done / this.#total });
    this.#wake?.();
  }

  async #feed(sound: SoundFile): Promise<void> {
    for (let at = 0; at < sound.length && !this.#stopped; at += sound.sampleRate) {
      const samples = await sound.read(at, at + sound.sampleRate);
      await this.#turn();
      if (this.#stopped) return;
      this.#sent += 1;
      this.#host.stream.send({ type: "push", samples }, [samples.buffer]);
    }
    while (this.#heard < this.#sent && !this.#stopped) await this.#woken();
  }

  /** Waits until another block may be sent. */
  async #turn(): Promise<void> {
    while (!this.#stopped && (this.#paused || this.#sent - this.#heard >= IN_FLIGHT))
      await this.#woken();
    // A reader gives no sign when it has caught up.
    while (!this.#stopped && this.#host.backlog > BACKLOG)
      await new Promise((done) => setTimeout(done, 20));
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
