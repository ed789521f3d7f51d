import { Vad } from "nnef-pulse/vad";
import type { Lesson } from "../../kit/page/lesson.ts";

/** A stretch of speech in samples, as whoever made the sound knows it. */
export interface Spoken {
  readonly start: number;
  /** One past the last sample. */
  readonly end: number;
  readonly text: string;
}

/** A sound, and what the model says of it. */
export interface Sound {
  readonly name: string;
  /** At the model's rate, -1 to 1. */
  readonly samples: Float32Array;
  /** One for each frame, times corrected by the delay. */
  readonly probabilities: readonly number[];
  /** When somebody speaks; undefined where nobody wrote it down. */
  readonly spoken: readonly Spoken[] | undefined;
}

/** The page is about a minute of sound at most: more would not be seen. */
const MOST_SECONDS = 60;

/** The sound the page is about: the site's sample, or a file the visitor opens. */
export class Ear {
  static readonly #all = new WeakMap<Lesson, Promise<Ear>>();
  readonly vad: Vad;
  #sound: Sound;
  readonly #followers = new Set<(sound: Sound) => void>();

  private constructor(vad: Vad, sound: Sound) {
    this.vad = vad;
    this.#sound = sound;
  }

  /** The one ear of a lesson, which has heard the sample. @throws VadError */
  static of(lesson: Lesson): Promise<Ear> {
    const ear = Ear.#all.get(lesson) ?? Ear.#open(lesson);
    Ear.#all.set(lesson, ear);
    ear.catch(() => Ear.#all.delete(lesson));
    return ear;
  }

  static async #open({ folder }: Lesson): Promise<Ear> {
    const vad = await Vad.open({ bundle: new URL(folder, document.baseURI) });
    return new Ear(vad, await sample(vad));
  }

  get sound(): Sound {
    return this.#sound;
  }

  /** `follower` hears of this sound at once, and of every later one. */
  follow(follower: (sound: Sound) => void) {
    this.#followers.add(follower);
    follower(this.#sound);
  }

  /** Turns to a file of the visitor's. @throws VadError where it cannot be decoded or run */
  async open(file: File): Promise<void> {
    this.#turn({ ...(await heard(this.vad, file)), name: file.name, spoken: undefined });
  }

  /** Turns back to the sample. */
  async back(): Promise<void> {
    if (this.#sound.spoken === undefined) this.#turn(await sample(this.vad));
  }

  #turn(sound: Sound) {
    this.#sound = sound;
    for (const follower of this.#followers) follower(sound);
  }
}

/** The site's sample as a file. */
export async function sampleFile(): Promise<Blob> {
  return (await fetched("sample.wav")).blob();
}

async function sample(vad: Vad): Promise<Sound> {
  const [file, spoken] = await Promise.all([sampleFile(), fetched("spoken.json")]);
  return { ...(await heard(vad, file)), name: "the sample", spoken: await spoken.json() };
}

async function fetched(name: string): Promise<Response> {
  const folder = new URL(document.body.dataset.sample ?? "", document.baseURI);
  const response = await fetch(new URL(name, folder));
  if (!response.ok) throw new Error(`${name} could not be fetched: ${response.status}`);
  return response;
}

/** Runs the beginning of `file` through the model. */
function heard(vad: Vad, file: Blob): Promise<Pick<Sound, "samples" | "probabilities">> {
  const session = vad.file(file);
  const most = MOST_SECONDS * vad.sampleRate;
  const blocks: Float32Array[] = [];
  const probabilities: number[] = [];
  session.addEventListener("block", ({ samples }) => {
    blocks.push(samples);
    if (session.length >= most) void session.stop();
  });
  session.addEventListener("probability", ({ p }) => probabilities.push(p));
  return new Promise((resolve, reject) => {
    session.addEventListener("error", ({ error, fatal }) => fatal && reject(error));
    session.addEventListener("end", () => resolve({ samples: joined(blocks), probabilities }));
  });
}

function joined(blocks: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all;
}
