import { type Tensor, type Trace, tensor } from "tract-wasm";
import type { RemoteModel, RemoteRunnable, RemoteState } from "tract-wasm/worker";
import { only } from "../../kit/page/engine.ts";
import type { Lesson } from "../../kit/page/lesson.ts";

/** The pulsed form of a bundle that takes sound, in the engine. */
export class Pulsed {
  static readonly #all = new WeakMap<Lesson, Promise<Pulsed>>();
  /** In Hz. */
  readonly sampleRate: number;
  /** Samples one run takes. */
  readonly pulseSamples: number;
  /** Output frames of one run. */
  readonly framesPerPulse: number;
  /** Output frames before the first that stands for the sound's first frame. */
  readonly delay: number;
  readonly title: string;
  readonly #model: RemoteModel;
  readonly #input: string;
  readonly #shape: readonly number[];
  #fast: Promise<RemoteRunnable> | undefined;

  private constructor(lesson: Lesson, model: RemoteModel) {
    const { manifest } = lesson.reading;
    const [input] = model.inputs;
    this.#model = model;
    this.#input = input?.name ?? "";
    this.#shape = input?.shape.map(Number) ?? [];
    this.title = manifest.title;
    this.sampleRate = manifest.audio?.sampleRate ?? 0;
    this.pulseSamples = manifest.audio?.samplesPerPulse ?? 0;
    this.framesPerPulse = (model.outputs[0]?.shape ?? []).reduce<number>(
      (product, size) => product * Number(size),
      1,
    );
    this.delay = manifest.pulses[0]?.delay ?? 0;
  }

  /** The one pulsed model of a lesson. @throws TractError, BundleError */
  static of(lesson: Lesson): Promise<Pulsed> {
    const pulsed = Pulsed.#all.get(lesson) ?? Pulsed.#open(lesson);
    Pulsed.#all.set(lesson, pulsed);
    pulsed.catch(() => Pulsed.#all.delete(lesson));
    return pulsed;
  }

  static async #open(lesson: Lesson): Promise<Pulsed> {
    const engine = await lesson.engine();
    return new Pulsed(lesson, await engine.load(lesson.reading.fileOf("pulse")));
  }

  /** Samples each output frame stands for. */
  get frameSamples(): number {
    return this.pulseSamples / this.framesPerPulse;
  }

  /** Milliseconds of sound in one pulse: what it must be computed in to keep up. */
  get pulseMs(): number {
    return (1000 * this.pulseSamples) / this.sampleRate;
  }

  /**
   * Every frame a stream puts out for `samples`, those before the delay included; zeros are fed until
   * the last frame of the sound is out.
   */
  async frames(samples: Float32Array): Promise<Float32Array> {
    const state = await (await this.#prepared()).spawnState();
    const count = Math.ceil(samples.length / this.frameSamples) + this.delay;
    const out = new Float32Array(Math.ceil(count / this.framesPerPulse) * this.framesPerPulse);
    try {
      const runs = Array.from({ length: out.length / this.framesPerPulse }, (_, pulse) =>
        state.run(this.pulse(samples, pulse)),
      );
      for (const [pulse, run] of runs.entries()) {
        out.set(only(await run).data as Float32Array, pulse * this.framesPerPulse);
      }
      return out.subarray(0, count);
    } finally {
      state.dispose();
    }
  }

  /** A stream whose every operation of the text stays apart, to be looked into. */
  async stream(): Promise<RemoteState> {
    const runnable = await this.#model.prepare({ optimize: false });
    return runnable.spawnState();
  }

  /** Milliseconds one pulse takes: the mean of `rounds` runs, as the engine's worker measures it. */
  async measure(samples: Float32Array, pulse: number, rounds: number): Promise<number> {
    const runnable = await this.#prepared();
    return (await runnable.profile(this.pulse(samples, pulse), { rounds })).ms;
  }

  /** A pulse of `samples` as the model's input; zeros past their end. */
  pulse(samples: Float32Array, pulse: number): Record<string, Tensor> {
    const data = new Float32Array(this.pulseSamples);
    data.set(samples.subarray(pulse * this.pulseSamples, (pulse + 1) * this.pulseSamples));
    return { [this.#input]: tensor(data, this.#shape) };
  }

  #prepared(): Promise<RemoteRunnable> {
    this.#fast ??= this.#model.prepare();
    return this.#fast;
  }
}

/** What a stream keeps after a pulse: past samples or frames, and a recurrence's outputs. */
export interface Kept {
  readonly delays: readonly Float32Array[];
  readonly recurrent: readonly Float32Array[];
}

export function keptIn({ nodes }: Trace): Kept {
  const delays = nodes.flatMap(({ state }) =>
    state?.kind === "delay" && state.buffer ? [state.buffer.data as Float32Array] : [],
  );
  const recurrent = nodes.flatMap(({ state, outputs: [output] }) =>
    state?.kind === "scan" && output ? [output.data as Float32Array] : [],
  );
  return { delays, recurrent };
}
