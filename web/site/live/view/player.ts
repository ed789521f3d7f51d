import { writeWav } from "nnef-pulse/wav";

/** A piece of sound, mono. */
export interface Clip {
  readonly samples: Float32Array;
  /** In Hz. */
  readonly sampleRate: number;
}

/** Plays one clip at a time. */
export class Player {
  readonly #audio = new Audio();
  #ended: (() => void) | undefined;

  constructor() {
    this.#audio.addEventListener("ended", () => this.stop());
  }

  /** Seconds into the clip that plays; undefined when none does. */
  get position(): number | undefined {
    return this.#ended ? this.#audio.currentTime : undefined;
  }

  /** Starts `clip` in place of what played; `ended` is called once, however it ends. */
  async play(clip: Clip, ended: () => void): Promise<void> {
    this.stop();
    this.#ended = ended;
    this.#audio.src = URL.createObjectURL(wavOf(clip));
    await this.#audio.play().catch(() => this.stop());
  }

  stop() {
    const ended = this.#ended;
    if (!ended) return;
    this.#ended = undefined;
    this.#audio.pause();
    URL.revokeObjectURL(this.#audio.src);
    ended();
  }
}

/** Hands `clip` to the browser as a file to keep. */
export function save(clip: Clip, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(wavOf(clip));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function wavOf(clip: Clip): Blob {
  return new Blob([writeWav(clip.samples, clip.sampleRate)], { type: "audio/wav" });
}
