import { Vad } from "nnef-pulse/vad";
import type { Lesson } from "../../kit/page/lesson.ts";

/** A known span of speech, in samples. */
export interface SpokenSpan {
  readonly start: number;
  /** One past the last sample. */
  readonly end: number;
  readonly text: string;
}

/** A sound and its probabilities. */
export interface Sound {
  readonly name: string;
  /** At the model's sample rate, from -1 to 1. */
  readonly samples: Float32Array;
  /** One for each frame, with the delay removed. */
  readonly probabilities: readonly number[];
  /** Known spans of speech; undefined for a visitor's file. */
  readonly spoken: readonly SpokenSpan[] | undefined;
}

/** Longer sounds are cut, because the figures could not show them. */
const MAX_SECONDS = 60;

/** The sound of the page: the site's sample or a visitor's file. */
export class AudioSource {
  static readonly #instances = new WeakMap<Lesson, Promise<AudioSource>>();
  readonly vad: Vad;
  #sound: Sound;
  readonly #listeners = new Set<(sound: Sound) => void>();

  private constructor(vad: Vad, sound: Sound) {
    this.vad = vad;
    this.#sound = sound;
  }

  /** The shared audio source of a lesson, with the sample analysed. @throws VadError */
  static of(lesson: Lesson): Promise<AudioSource> {
    const audioSource = AudioSource.#instances.get(lesson) ?? AudioSource.#create(lesson);
    AudioSource.#instances.set(lesson, audioSource);
    audioSource.catch(() => AudioSource.#instances.delete(lesson));
    return audioSource;
  }

  static async #create({ folder }: Lesson): Promise<AudioSource> {
    const vad = await Vad.open({ bundle: new URL(folder, document.baseURI) });
    return new AudioSource(vad, await analyseSample(vad));
  }

  get sound(): Sound {
    return this.#sound;
  }

  /** Calls `listener` with the current sound now, and with every later one. */
  subscribe(listener: (sound: Sound) => void) {
    this.#listeners.add(listener);
    listener(this.#sound);
  }

  /** Switches to a visitor's file. @throws VadError if it cannot be decoded or run */
  async useFile(file: File): Promise<void> {
    this.#setSound({ ...(await analyse(this.vad, file)), name: file.name, spoken: undefined });
  }

  /** Switches back to the sample. */
  async useSample(): Promise<void> {
    if (this.#sound.spoken === undefined) this.#setSound(await analyseSample(this.vad));
  }

  #setSound(sound: Sound) {
    this.#sound = sound;
    for (const listener of this.#listeners) listener(sound);
  }
}

/** The site's sample as a file. */
export async function sampleFile(): Promise<Blob> {
  return (await fetchSampleFile("sample.wav")).blob();
}

async function analyseSample(vad: Vad): Promise<Sound> {
  const [file, spoken] = await Promise.all([sampleFile(), fetchSampleFile("spoken.json")]);
  return { ...(await analyse(vad, file)), name: "the sample", spoken: await spoken.json() };
}

async function fetchSampleFile(name: string): Promise<Response> {
  const folder = new URL(document.body.dataset.sample ?? "", document.baseURI);
  const response = await fetch(new URL(name, folder));
  if (!response.ok) throw new Error(`${name} could not be fetched (status ${response.status})`);
  return response;
}

/** Runs the beginning of `file` through the model. */
function analyse(vad: Vad, file: Blob): Promise<Pick<Sound, "samples" | "probabilities">> {
  const session = vad.file(file);
  const most = MAX_SECONDS * vad.sampleRate;
  const blocks: Float32Array[] = [];
  const probabilities: number[] = [];
  session.addEventListener("block", ({ samples }) => {
    blocks.push(samples);
    if (session.length >= most) void session.stop();
  });
  session.addEventListener("probability", ({ p }) => probabilities.push(p));
  return new Promise((resolve, reject) => {
    session.addEventListener("error", ({ error, fatal }) => fatal && reject(error));
    session.addEventListener("end", () => resolve({ samples: concatenate(blocks), probabilities }));
  });
}

function concatenate(blocks: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all;
}
