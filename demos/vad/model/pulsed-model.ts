import { type Tensor, type Trace, tensor } from "tract-wasm";
import type { RemoteModel, RemoteRunnable, RemoteState } from "tract-wasm/worker";
import { onlyOutput } from "../../kit/page/engine.ts";
import type { Lesson } from "../../kit/page/lesson.ts";

/** The pulsed model of an audio bundle, loaded in the engine. */
export class PulsedModel {
  static readonly #instances = new WeakMap<Lesson, Promise<PulsedModel>>();
  /** In Hz. */
  readonly sampleRate: number;
  /** Samples of one run. */
  readonly pulseSamples: number;
  /** Output frames of one run. */
  readonly framesPerPulse: number;
  /** Frames of padding before the frame of the sound's first samples. */
  readonly delay: number;
  readonly title: string;
  readonly #model: RemoteModel;
  readonly #input: string;
  readonly #shape: readonly number[];
  #optimised: Promise<RemoteRunnable> | undefined;

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

  /** The shared pulsed model of a lesson. @throws TractError, BundleError */
  static of(lesson: Lesson): Promise<PulsedModel> {
    const pulsed = PulsedModel.#instances.get(lesson) ?? PulsedModel.#open(lesson);
    PulsedModel.#instances.set(lesson, pulsed);
    pulsed.catch(() => PulsedModel.#instances.delete(lesson));
    return pulsed;
  }

  static async #open(lesson: Lesson): Promise<PulsedModel> {
    const engine = await lesson.engine();
    return new PulsedModel(lesson, await engine.load(lesson.reading.fileOf("pulse")));
  }

  /** Samples per output frame. */
  get frameSamples(): number {
    return this.pulseSamples / this.framesPerPulse;
  }

  /** Milliseconds of sound in one pulse. */
  get pulseMs(): number {
    return (1000 * this.pulseSamples) / this.sampleRate;
  }

  /**
   * Streams `samples`; gives all output frames, with padding. Zeros follow until the last frame of the sound
   * is out.
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
        out.set(onlyOutput(await run).data as Float32Array, pulse * this.framesPerPulse);
      }
      return out.subarray(0, count);
    } finally {
      state.dispose();
    }
  }

  /** A stream without optimisation, so that each operation's state can be traced. */
  async stream(): Promise<RemoteState> {
    const runnable = await this.#model.prepare({ optimize: false });
    return runnable.spawnState();
  }

  /** Mean milliseconds per pulse over `rounds` runs, measured in the engine's worker. */
  async measure(samples: Float32Array, pulse: number, rounds: number): Promise<number> {
    const runnable = await this.#prepared();
    return (await runnable.profile(this.pulse(samples, pulse), { rounds })).ms;
  }

  /** Pulse number `pulse` of `samples` as input; zeros after their end. */
  pulse(samples: Float32Array, pulse: number): Record<string, Tensor> {
    const data = new Float32Array(this.pulseSamples);
    data.set(samples.subarray(pulse * this.pulseSamples, (pulse + 1) * this.pulseSamples));
    return { [this.#input]: tensor(data, this.#shape) };
  }

  #prepared(): Promise<RemoteRunnable> {
    this.#optimised ??= this.#model.prepare();
    return this.#optimised;
  }
}

/** State after a pulse: contents of delay buffers, and outputs of recurrent layers. */
export interface StreamState {
  readonly delays: readonly Float32Array[];
  readonly recurrent: readonly Float32Array[];
}

export function stateIn({ nodes }: Trace): StreamState {
  const delays = nodes.flatMap(({ state }) =>
    state?.kind === "delay" && state.buffer ? [state.buffer.data as Float32Array] : [],
  );
  const recurrent = nodes.flatMap(({ state, outputs: [output] }) =>
    state?.kind === "scan" && output ? [output.data as Float32Array] : [],
  );
  return { delays, recurrent };
}
