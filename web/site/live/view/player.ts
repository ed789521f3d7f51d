import { wavOf } from "./save.js";

/** Mono sound. */
export interface Clip {
  readonly samples: Float32Array;
  /** In Hz. */
  readonly sampleRate: number;
}

/** Plays one clip at a time. */
export class Player {
  readonly #audio = new Audio();
  #onEnd: (() => void) | undefined;

  constructor() {
    this.#audio.addEventListener("ended", () => this.stop());
  }

  /** Playback position in seconds; undefined when nothing plays. */
  get position(): number | undefined {
    return this.#onEnd ? this.#audio.currentTime : undefined;
  }

  /** Plays `clip` instead of the current one. Calls `onEnd` once, however it ends. */
  async play(clip: Clip, onEnd: () => void): Promise<void> {
    this.stop();
    this.#onEnd = onEnd;
    this.#audio.src = URL.createObjectURL(wavOf(clip));
    await this.#audio.play().catch(() => this.stop());
  }

  stop() {
    const onEnd = this.#onEnd;
    if (!onEnd) return;
    this.#onEnd = undefined;
    this.#audio.pause();
    URL.revokeObjectURL(this.#audio.src);
    onEnd();
  }
}
