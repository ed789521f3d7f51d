import { checkOptions } from "./checks/options.js";
import { disposeSymbol, EngineHandle } from "./engine-handle.js";
import { InputError } from "./errors.js";
import type { Instance } from "./instance.js";
import { inOrder, pack, ReplyReader } from "./packing.js";
import { bareNodes, readTrace, type Step, traceWords } from "./tracing.js";
import type {
  Fact,
  Model,
  Profile,
  ProfileOptions,
  Runnable,
  State,
  Tensors,
  Trace,
  TraceNode,
  TraceOptions,
} from "./types.js";

/** Inputs and outputs of a model. */
type Interface = Pick<Model, "inputs" | "outputs">;

/** The nodes of a plan, fetched once. */
interface Plan {
  readonly steps: readonly Step[];
  readonly bare: readonly TraceNode[];
}

export class PreparedModel implements Runnable {
  readonly inputs: readonly Fact[];
  readonly outputs: readonly Fact[];
  readonly #handle: EngineHandle;
  #knownPlan: Plan | undefined;

  constructor(instance: Instance, id: number, { inputs, outputs }: Interface) {
    this.#handle = new EngineHandle(instance, id, "runnable");
    this.inputs = inputs;
    this.outputs = outputs;
  }

  get #plan(): Plan {
    if (this.#knownPlan === undefined) {
      const steps = this.#handle.instance.json<Step[]>("runnable_steps", this.#handle.id);
      this.#knownPlan = { steps, bare: bareNodes(steps) };
    }
    return this.#knownPlan;
  }

  run(inputs: Tensors): Tensors {
    const { id, instance } = this.#handle;
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

  profile(inputs: Tensors, options: ProfileOptions = {}): Profile {
    checkOptions("profile", options, ["rounds"]);
    const { rounds = 0 } = options;
    if (!Number.isSafeInteger(rounds) || rounds < 0) {
      throw new InputError(`rounds must be an integer of at least 0, not ${rounds}`);
    }
    const { id, instance } = this.#handle;
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
    const { id, instance } = this.#handle;
    return new Stream(instance, instance.call("runnable_spawn", id), this, () => this.#plan);
  }

  dispose(): void {
    this.#handle.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}

class Stream implements State {
  readonly inputs: readonly Fact[];
  readonly outputs: readonly Fact[];
  readonly #handle: EngineHandle;
  readonly #plan: () => Plan;

  constructor(instance: Instance, id: number, { inputs, outputs }: Interface, plan: () => Plan) {
    this.#handle = new EngineHandle(instance, id, "state");
    this.inputs = inputs;
    this.outputs = outputs;
    this.#plan = plan;
  }

  run(inputs: Tensors): Tensors {
    const { id, instance } = this.#handle;
    pack(instance, inOrder(inputs, this.inputs));
    instance.call("state_run", id);
    return new ReplyReader(instance).named(this.outputs);
  }

  trace(inputs: Tensors, options: TraceOptions = {}): Trace {
    checkOptions("trace", options, ["timing", "values", "states"]);
    const { id, instance } = this.#handle;
    const ordered = inOrder(inputs, this.inputs);
    const { steps, bare } = this.#plan();
    pack(instance, ordered, traceWords(options, steps));
    instance.call("state_trace", id);
    return readTrace(new ReplyReader(instance), options, steps, bare, this.outputs);
  }

  clone(): State {
    const { id, instance } = this.#handle;
    return new Stream(instance, instance.call("state_clone", id), this, this.#plan);
  }

  reset(): void {
    this.#handle.instance.call("state_reset", this.#handle.id);
  }

  dispose(): void {
    this.#handle.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}
