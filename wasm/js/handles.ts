import { gzip, readArchive } from "./archive.js";
import { DisposedError, InputError } from "./errors.js";
import type { Instance } from "./instance.js";
import { inOrder, pack, ReplyReader } from "./packing.js";
import { bareNodes, readTrace, type Step, traceWords } from "./tracing.js";
import type {
  Fact,
  Graph,
  Json,
  Limits,
  Model,
  PrepareOptions,
  Profile,
  ProfileOptions,
  Runnable,
  Source,
  State,
  Tensors,
  Trace,
  TraceNode,
  TraceOptions,
  Tract,
} from "./types.js";
import { packageVersion } from "./version.js";

// Older engines have no Symbol.dispose; `using` compiled for them looks for this.
const dispose: typeof Symbol.dispose =
  Symbol.dispose ?? (Symbol.for("Symbol.dispose") as typeof Symbol.dispose);

/** What a model says of itself, as the engine describes it. */
interface About {
  inputs: Fact[];
  outputs: Fact[];
  symbols: string[];
  asserts: string[];
  modes: Record<string, string[]>;
  properties: Record<string, Json>;
}

/** Frees what nobody disposed of. Only a net: when it runs is up to the garbage collector. */
const net = new FinalizationRegistry<{ instance: Instance; id: number }>(({ instance, id }) => {
  try {
    instance.call("dispose", id);
  } catch {
    // The instance is gone, and what it held with it.
  }
});

/** A number the instance knows something by, and its life. */
class Held {
  readonly instance: Instance;
  readonly #what: string;
  #id: number;

  constructor(instance: Instance, id: number, what: string) {
    this.instance = instance;
    this.#what = what;
    this.#id = id;
    net.register(this, { instance, id }, this);
  }

  get id(): number {
    if (this.#id === 0) {
      this.instance.check();
      throw new DisposedError(`this ${this.#what} was disposed of`);
    }
    return this.#id;
  }

  dispose(): void {
    if (this.#id === 0) return;
    net.unregister(this);
    const id = this.#id;
    this.#id = 0;
    try {
      this.instance.check();
    } catch {
      return;
    }
    this.instance.call("dispose", id);
  }
}

export class LoadedTract implements Tract {
  readonly version: Tract["version"];
  readonly #instance: Instance;
  readonly #limits: Required<Limits>;

  constructor(instance: Instance, limits: Required<Limits>) {
    this.version = { package: packageVersion, tract: instance.handshake() };
    this.#instance = instance;
    this.#limits = limits;
  }

  get memoryBytes(): number {
    return this.#instance.memoryBytes;
  }

  async load(source: Source): Promise<Model> {
    this.#instance.check();
    return this.loadTar(await readArchive(source, this.#limits));
  }

  loadTar(tar: Uint8Array): Model {
    const { entries, tensorBytes, depth } = this.#limits;
    const limits = JSON.stringify({ entries, tensorBytes, depth });
    this.#instance.check();
    const lengths = this.#instance.send(tar, limits) as [number, number];
    return new LoadedModel(this.#instance, this.#instance.call("load_model", ...lengths));
  }

  dispose(): void {
    this.#instance.end();
  }

  [dispose](): void {
    this.dispose();
  }
}

class LoadedModel implements Model {
  readonly inputs: readonly Fact[];
  readonly outputs: readonly Fact[];
  readonly symbols: readonly string[];
  readonly asserts: readonly string[];
  readonly modes: Readonly<Record<string, readonly string[]>>;
  readonly properties: Readonly<Record<string, Json>>;
  readonly #held: Held;

  constructor(instance: Instance, id: number) {
    this.#held = new Held(instance, id, "model");
    const about = instance.json<About>("model_about", id);
    this.inputs = about.inputs;
    this.outputs = about.outputs;
    this.symbols = about.symbols;
    this.asserts = about.asserts;
    this.modes = about.modes;
    this.properties = about.properties;
  }

  setSymbols(values: Readonly<Record<string, number>>): Model {
    for (const [name, value] of Object.entries(values)) {
      if (!Number.isSafeInteger(value)) {
        throw new InputError(`${name} must be a whole number, not ${value}`, "symbols");
      }
    }
    return this.#derived("model_set_symbols", values);
  }

  pulse(symbol: string, pulse: number): Model {
    if (!Number.isSafeInteger(pulse)) {
      throw new InputError(`a pulse is a whole number of frames, not ${pulse}`);
    }
    return this.#derived("model_pulse", [symbol, pulse]);
  }

  #derived(call: "model_set_symbols" | "model_pulse", options: unknown): Model {
    const { id, instance } = this.#held;
    const [length] = instance.send(JSON.stringify(options)) as [number];
    return new LoadedModel(instance, instance.call(call, id, length));
  }

  graph(): Graph {
    return this.#held.instance.json<Graph>("model_graph", this.#held.id);
  }

  async toNnef(): Promise<Uint8Array> {
    return gzip(this.toTar());
  }

  toTar(): Uint8Array {
    const { id, instance } = this.#held;
    instance.call("model_write", id);
    return instance.replyBytes();
  }

  prepare({ optimize = true }: PrepareOptions = {}): Runnable {
    const { id, instance } = this.#held;
    return new PreparedModel(instance, instance.call("model_prepare", id, Number(optimize)), this);
  }

  dispose(): void {
    this.#held.dispose();
  }

  [dispose](): void {
    this.dispose();
  }
}

type Interface = Pick<Model, "inputs" | "outputs">;

/** The nodes of a plan, asked for once. */
interface Plan {
  readonly steps: readonly Step[];
  readonly bare: readonly TraceNode[];
}

class PreparedModel implements Runnable {
  readonly inputs: readonly Fact[];
  readonly outputs: readonly Fact[];
  readonly #held: Held;
  #knownPlan: Plan | undefined;

  constructor(instance: Instance, id: number, { inputs, outputs }: Interface) {
    this.#held = new Held(instance, id, "runnable");
    this.inputs = inputs;
    this.outputs = outputs;
  }

  get #plan(): Plan {
    if (this.#knownPlan === undefined) {
      const steps = this.#held.instance.json<Step[]>("runnable_steps", this.#held.id);
      this.#knownPlan = { steps, bare: bareNodes(steps) };
    }
    return this.#knownPlan;
  }

  run(inputs: Tensors): Tensors {
    const { id, instance } = this.#held;
    pack(instance, inOrder(inputs, this.inputs));
    instance.call("runnable_run", id);
    return new ReplyReader(instance).named(this.outputs);
  }

  trace(inputs: Tensors, options?: TraceOptions): Trace {
    const state = this.spawnState();
    try {
      return state.trace(inputs, options);
    } finally {
      state.dispose();
    }
  }

  profile(inputs: Tensors, { rounds = 0 }: ProfileOptions = {}): Profile {
    if (!Number.isSafeInteger(rounds) || rounds < 0) {
      throw new InputError(`rounds is a whole number, not ${rounds}`);
    }
    const { id, instance } = this.#held;
    const { steps } = this.#plan;
    pack(instance, inOrder(inputs, this.inputs));
    instance.call("runnable_profile", id, rounds);
    const [ran = 0, clockStepMs = 0, ms = 0, ...times] = new ReplyReader(instance).f64s(
      3 + steps.length,
    );
    const nodes = steps.map(({ id, name, op, covers }, ix) => ({
      id,
      name,
      op,
      covers,
      ms: times[ix] ?? 0,
    }));
    return { rounds: ran, ms, clockStepMs, nodes };
  }

  spawnState(): State {
    const { id, instance } = this.#held;
    return new Stream(instance, instance.call("runnable_spawn", id), this, () => this.#plan);
  }

  dispose(): void {
    this.#held.dispose();
  }

  [dispose](): void {
    this.dispose();
  }
}

class Stream implements State {
  readonly inputs: readonly Fact[];
  readonly outputs: readonly Fact[];
  readonly #held: Held;
  readonly #plan: () => Plan;

  constructor(instance: Instance, id: number, { inputs, outputs }: Interface, plan: () => Plan) {
    this.#held = new Held(instance, id, "state");
    this.inputs = inputs;
    this.outputs = outputs;
    this.#plan = plan;
  }

  run(inputs: Tensors): Tensors {
    const { id, instance } = this.#held;
    pack(instance, inOrder(inputs, this.inputs));
    instance.call("state_run", id);
    return new ReplyReader(instance).named(this.outputs);
  }

  trace(inputs: Tensors, options: TraceOptions = {}): Trace {
    const { id, instance } = this.#held;
    const ordered = inOrder(inputs, this.inputs);
    const { steps, bare } = this.#plan();
    pack(instance, ordered, traceWords(options, steps));
    instance.call("state_trace", id);
    return readTrace(new ReplyReader(instance), options, steps, bare, this.outputs);
  }

  clone(): State {
    const { id, instance } = this.#held;
    return new Stream(instance, instance.call("state_clone", id), this, this.#plan);
  }

  reset(): void {
    this.#held.instance.call("state_reset", this.#held.id);
  }

  dispose(): void {
    this.#held.dispose();
  }

  [dispose](): void {
    this.dispose();
  }
}
