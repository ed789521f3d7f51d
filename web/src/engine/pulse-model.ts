import { type Runnable, type State, type Tensor, type Tract, tensor } from "tract-wasm";
import type { Memory, NodeValues } from "./node-values.js";
import type { ModelSetup } from "./protocol.js";
import type { PulseRunner, PulseShape } from "./pulse-stream.js";

/** The model's inputs or outputs are not a pulse of sound and its probabilities. */
export class UnsupportedModelError extends Error {}

/** A pulsed model, prepared to run any number of streams. */
export class PulseModel {
  readonly shape: PulseShape;
  readonly #tract: Tract;
  readonly #runnable: Runnable;
  readonly #input: string;
  readonly #inputShape: readonly number[];
  readonly #output: string;

  private constructor(tract: Tract, runnable: Runnable, setup: ModelSetup) {
    const { input, output } = inputAndOutput(runnable);
    this.#tract = tract;
    this.#runnable = runnable;
    this.#input = input.name;
    this.#inputShape = fixedSizes(input.shape);
    this.#output = output.name;
    const { sampleRate, pulseSamples, delayFrames } = setup;
    const inputSamples = product(this.#inputShape);
    if (input.dtype !== "f32" || inputSamples !== pulseSamples) {
      throw new UnsupportedModelError(
        `Its input ${input.fact} is not one pulse of ${pulseSamples} samples.`,
      );
    }
    const framesPerPulse = product(fixedSizes(output.shape));
    if (output.dtype !== "f32" || framesPerPulse === 0 || pulseSamples % framesPerPulse !== 0) {
      throw new UnsupportedModelError(
        `Its output ${output.fact} does not divide a pulse of ${pulseSamples} samples evenly.`,
      );
    }
    this.shape = { sampleRate, pulseSamples, framesPerPulse, delayFrames };
  }

  /**
   * Loads and prepares the archive. Sets symbols that are still open, such as a batch, to 1.
   * @throws TractError, UnsupportedModelError
   */
  static async load(tract: Tract, setup: ModelSetup): Promise<PulseModel> {
    using loaded = await tract.load(setup.archive);
    const open = Object.fromEntries(loaded.symbols.map((symbol) => [symbol, 1]));
    if (loaded.symbols.length === 0) return new PulseModel(tract, loaded.prepare(), setup);
    using closed = loaded.setSymbols(open);
    return new PulseModel(tract, closed.prepare(), setup);
  }

  /** Bytes of WebAssembly memory, for all streams together. It never shrinks. */
  get engineBytes(): number {
    return this.#tract.memoryBytes;
  }

  /** Runs a pulse of silence in a state that is then disposed of. */
  warmUp(): void {
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

/** Traced pulses kept until `takeTraced`; older ones are dropped. */
const MAX_TRACED = 8;

interface Ports {
  readonly input: string;
  readonly inputShape: readonly number[];
  readonly output: string;
}

/** One stream's state in the engine. */
export class ModelStream implements PulseRunner {
  readonly #state: State;
  readonly #ports: Ports;
  /** Names of the stateful nodes; found at the first capture. */
  #statefulNodes: string[] | undefined;
  #memories: Memory[] | undefined;
  #captureState = false;
  #tracing = false;
  #traced: (readonly NodeValues[])[] = [];

  constructor(state: State, ports: Ports) {
    this.#state = state;
    this.#ports = ports;
  }

  run(samples: Float32Array<ArrayBuffer>): Float32Array {
    const { input, inputShape, output } = this.#ports;
    const inputs = { [input]: tensor(samples, [...inputShape]) };
    if (!this.#captureState && !this.#tracing) return floatsOf(this.#state.run(inputs)[output]);
    const options = { timing: false, values: this.#nodesToKeep(inputs), states: true };
    const { nodes, outputs } = this.#state.trace(inputs, options);
    if (this.#captureState) this.#memories = nodes.flatMap(memoryOf);
    this.#captureState = false;
    if (this.#tracing) this.#traced = [...this.#traced, nodes].slice(-MAX_TRACED);
    return floatsOf(outputs[output]);
  }

  /** The next run also keeps the engine's state, for `takeMemories`. */
  captureState(): void {
    this.#captureState = true;
  }

  takeMemories(): readonly Memory[] | undefined {
    const memories = this.#memories;
    this.#memories = undefined;
    return memories;
  }

  /** Turns keeping of every node's values on or off, for `takeTraced`. */
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

  /** Nodes whose values are kept: all, or the stateful ones. */
  #nodesToKeep(inputs: Record<string, Tensor>): boolean | readonly string[] {
    if (this.#tracing) return true;
    this.#statefulNodes ??= this.#findStatefulNodes(inputs);
    return this.#statefulNodes;
  }

  /** Runs a copy of the state, so that the stream itself does not run the pulse twice. */
  #findStatefulNodes(inputs: Record<string, Tensor>): string[] {
    using copy = this.#state.clone();
    const { nodes } = copy.trace(inputs, { timing: false, values: false, states: false });
    return nodes.filter((node) => node.state !== undefined).map((node) => node.name);
  }
}

type TraceNode = ReturnType<State["trace"]>["nodes"][number];

function memoryOf({ name, state, outputs }: TraceNode): Memory[] {
  if (state === undefined) return [];
  const tensor = state.kind === "delay" ? state.buffer : outputs[0];
  if (tensor === null || tensor === undefined || tensor.dtype !== "f32") return [];
  return [{ node: name, kind: state.kind, shape: tensor.shape, values: floatsOf(tensor) }];
}

function inputAndOutput({ inputs, outputs }: Runnable) {
  const [input, ...others] = inputs;
  const [output] = outputs;
  if (input === undefined || others.length > 0)
    throw new UnsupportedModelError("It must have exactly one input.");
  if (output === undefined) throw new UnsupportedModelError("It has no output.");
  return { input, output };
}

function fixedSizes(shape: readonly (number | string)[]): number[] {
  return shape.map((size) => {
    if (typeof size === "number") return size;
    throw new UnsupportedModelError(`Its dimension ${size} has no fixed size.`);
  });
}

function product(shape: readonly number[]): number {
  return shape.reduce((all, size) => all * size, 1);
}

function floatsOf(tensor: Tensor | undefined): Float32Array {
  return tensor?.data as Float32Array;
}
