import { type Runnable, type State, type Tensor, type Tract, tensor } from "tract-wasm";
import type { Memory, NodeValues } from "./node-values.js";
import type { ModelSetup } from "./protocol.js";
import type { PulseRunner, PulseShape } from "./pulse-stream.js";

/** The model takes or gives something else than a pulse of sound and its probabilities. */
export class UnfitModel extends Error {}

/** A pulsed model ready to run any number of streams. */
export class PulseModel {
  readonly shape: PulseShape;
  readonly #tract: Tract;
  readonly #runnable: Runnable;
  readonly #input: string;
  readonly #inputShape: readonly number[];
  readonly #output: string;

  private constructor(tract: Tract, runnable: Runnable, setup: ModelSetup) {
    const { input, output } = ports(runnable);
    this.#tract = tract;
    this.#runnable = runnable;
    this.#input = input.name;
    this.#inputShape = sizes(input.shape);
    this.#output = output.name;
    const { sampleRate, pulseSamples, delayFrames } = setup;
    const taken = product(this.#inputShape);
    if (input.dtype !== "f32" || taken !== pulseSamples) {
      throw new UnfitModel(
        `Its input ${input.fact} does not take the ${pulseSamples} samples of a pulse.`,
      );
    }
    const framesPerPulse = product(sizes(output.shape));
    if (output.dtype !== "f32" || framesPerPulse === 0 || pulseSamples % framesPerPulse !== 0) {
      throw new UnfitModel(
        `Its output ${output.fact} does not divide a pulse of ${pulseSamples} samples.`,
      );
    }
    this.shape = { sampleRate, pulseSamples, framesPerPulse, delayFrames };
  }

  /**
   * Loads and prepares the archive. Axes left open, such as a batch, are closed to 1.
   * @throws TractError, UnfitModel
   */
  static async load(tract: Tract, setup: ModelSetup): Promise<PulseModel> {
    using loaded = await tract.load(setup.archive);
    const open = Object.fromEntries(loaded.symbols.map((symbol) => [symbol, 1]));
    if (loaded.symbols.length === 0) return new PulseModel(tract, loaded.prepare(), setup);
    using closed = loaded.setSymbols(open);
    return new PulseModel(tract, closed.prepare(), setup);
  }

  /** Bytes of wasm memory held, by all streams together. It never shrinks. */
  get engineBytes(): number {
    return this.#tract.memoryBytes;
  }

  /** Runs a pulse of silence that no stream remembers. */
  runOnce(): void {
    const stream = this.open();
    stream.run(new Float32Array(this.shape.pulseSamples));
    stream.dispose();
  }

  open(): ModelStream {
    return new ModelStream(this.#runnable.spawnState(), {
      input: this.#input,
      inputShape: this.#inputShape,
      output: this.#output,
    });
  }
}

/** Pulses whose values may wait to be taken: who watches wants to see now. */
const MOST_TRACED = 8;

interface Ports {
  readonly input: string;
  readonly inputShape: readonly number[];
  readonly output: string;
}

/** One stream's state in the engine. */
export class ModelStream implements PulseRunner {
  readonly #state: State;
  readonly #ports: Ports;
  /** Nodes that remember; found by the first look. */
  #remembering: string[] | undefined;
  #memories: Memory[] | undefined;
  #look = false;
  #tracing = false;
  #traced: (readonly NodeValues[])[] = [];

  constructor(state: State, ports: Ports) {
    this.#state = state;
    this.#ports = ports;
  }

  run(samples: Float32Array<ArrayBuffer>): Float32Array {
    const { input, inputShape, output } = this.#ports;
    const inputs = { [input]: tensor(samples, [...inputShape]) };
    if (!this.#look && !this.#tracing) return values(this.#state.run(inputs)[output]);
    const watched = { timing: false, values: this.#watched(inputs), states: true };
    const { nodes, outputs } = this.#state.trace(inputs, watched);
    if (this.#look) this.#memories = nodes.flatMap(memoryOf);
    this.#look = false;
    if (this.#tracing) this.#traced = [...this.#traced, nodes].slice(-MOST_TRACED);
    return values(outputs[output]);
  }

  /** The next run also keeps what the engine then remembers, for `takeMemories`. */
  look(): void {
    this.#look = true;
  }

  takeMemories(): readonly Memory[] | undefined {
    const memories = this.#memories;
    this.#memories = undefined;
    return memories;
  }

  /** Whether each run from now on keeps what every node gives, for `takeTraced`. */
  trace(on: boolean): void {
    this.#tracing = on;
    this.#traced = [];
  }

  takeTraced(): readonly (readonly NodeValues[])[] {
    const traced = this.#traced;
    this.#traced = [];
    return traced;
  }

  reset(): void {
    this.#state.reset();
  }

  dispose(): void {
    this.#state.dispose();
  }

  /** The nodes whose values are kept: all, or those that remember. */
  #watched(inputs: Record<string, Tensor>): boolean | readonly string[] {
    if (this.#tracing) return true;
    this.#remembering ??= this.#findRemembering(inputs);
    return this.#remembering;
  }

  /** Asks a copy of the state, so that the stream does not hear a pulse twice. */
  #findRemembering(inputs: Record<string, Tensor>): string[] {
    using copy = this.#state.clone();
    const { nodes } = copy.trace(inputs, { timing: false, values: false, states: false });
    return nodes.filter((node) => node.state !== undefined).map((node) => node.name);
  }
}

type TraceNode = ReturnType<State["trace"]>["nodes"][number];

function memoryOf({ name, state, outputs }: TraceNode): Memory[] {
  if (state === undefined) return [];
  const kept = state.kind === "delay" ? state.buffer : outputs[0];
  if (kept === null || kept === undefined || kept.dtype !== "f32") return [];
  return [{ node: name, kind: state.kind, shape: kept.shape, values: values(kept) }];
}

function ports({ inputs, outputs }: Runnable) {
  const [input, ...others] = inputs;
  const [output] = outputs;
  if (input === undefined || others.length > 0)
    throw new UnfitModel("It does not have exactly one input.");
  if (output === undefined) throw new UnfitModel("It has no output.");
  return { input, output };
}

function sizes(shape: readonly (number | string)[]): number[] {
  return shape.map((size) => {
    if (typeof size === "number") return size;
    throw new UnfitModel(`Its dimension ${size} is open.`);
  });
}

function product(shape: readonly number[]): number {
  return shape.reduce((all, size) => all * size, 1);
}

function values(kept: Tensor | undefined): Float32Array {
  return kept?.data as Float32Array;
}
