import type { Tensors } from "tract-wasm";
import type { RemoteModel, RemoteRunnable, RemoteState } from "tract-wasm/worker";
import type { ModelView } from "../../model/view.js";
import { profileOf } from "./profile.js";
import type { ExpectedOutputs } from "./reference/expected-outputs.js";
import type { ReferenceCheck } from "./reference/reference-check.js";
import type { Feed } from "./values/run-feed.js";
import { type AxisOf, RunView, type WireOutput } from "./values/run-view.js";
import { outputsByNode, wireOutputsOf } from "./values/wire-outputs.js";

/** State that `restore` brings back. */
export interface Snapshot {
  readonly at: number;
  readonly state: RemoteState;
  readonly runView: RunView;
  readonly check: ReferenceCheck | undefined;
  readonly error: number;
}

/** Inputs of a run, and what its results are compared with. */
export interface RunSetup {
  readonly feed: Feed;
  /** Outputs of the source framework. */
  readonly expected: ExpectedOutputs | undefined;
  /** Comparison of every wire. */
  readonly check: ReferenceCheck | undefined;
  readonly axisOf: AxisOf;
}

/**
 * Runs a model pulse by pulse and keeps the values of every wire. The plan is not optimised, so that
 * each assignment stays one node; it is separate from the optimised plan.
 */
export class StepRunner {
  readonly kind = "steps";
  readonly view: ModelView;
  readonly #model: RemoteModel;
  readonly #setup: RunSetup;
  #wireOutputs: ((node: { readonly name: string }) => readonly WireOutput[]) | undefined;
  #runnable: RemoteRunnable | undefined;
  #state: RemoteState | undefined;
  #runView: RunView;
  #check: ReferenceCheck | undefined;
  #error = 0;

  constructor(view: ModelView, model: RemoteModel, setup: RunSetup) {
    this.view = view;
    this.#model = model;
    this.#setup = setup;
    this.#runView = this.#emptyView();
    this.#check = setup.check;
  }

  get runView(): RunView {
    return this.#runView;
  }
  get check(): ReferenceCheck | undefined {
    return this.#check;
  }
  /** Pulses run so far. */
  get at(): number {
    return this.#runView.at;
  }
  get pulses(): number {
    return this.#setup.feed.pulses;
  }
  get input(): string {
    return this.#setup.feed.name;
  }
  /** Largest difference of the outputs from the reference so far; undefined while none can be compared. */
  get error(): number | undefined {
    return this.#setup.expected?.canCompare(this.at) ? this.#error : undefined;
  }
  get tolerance(): number | undefined {
    return this.#setup.expected?.tolerance;
  }

  /** Whether an output differs from the reference by more than the tolerance. */
  get hasFailed(): boolean {
    return (this.error ?? 0) > (this.tolerance ?? 0);
  }

  /**
   * Runs the next pulse.
   *
   * @returns false when the input is used up
   * @throws TractError
   */
  async step(): Promise<boolean> {
    const inputs = await this.#setup.feed.pulse(this.at);
    if (!inputs) return false;
    const state = await this.#preparedState();
    const { nodes, outputs } = await state.trace(inputs);
    this.#compareOutputs(outputs);
    this.#runView.addPulse(nodes, (node) => this.#wireOutputs?.(node) ?? []);
    this.#compareWires();
    return true;
  }

  /** Restarts the stream. */
  async reset() {
    await this.#state?.reset();
    this.#runView = this.#emptyView();
    this.#check?.reset();
    this.#error = 0;
  }

  async snapshot(): Promise<Snapshot> {
    const state = await (await this.#preparedState()).clone();
    const [runView, check] = [this.#runView.copy(), this.#check?.copy()];
    return { at: this.at, state, runView, check, error: this.#error };
  }

  /** Continues from a snapshot, which stays usable. */
  async restore(snapshot: Snapshot) {
    const state = await snapshot.state.clone();
    this.#state?.dispose();
    this.#state = state;
    this.#runView = snapshot.runView.copy();
    this.#check = snapshot.check?.copy();
    this.#error = snapshot.error;
  }

  /** Run time of each node of the optimised plan. */
  async profile() {
    const inputs = await this.#setup.feed.pulse(0);
    return inputs && profileOf(this.#model, inputs);
  }

  dispose() {
    this.#state?.dispose();
    this.#runnable?.dispose();
    this.#model.dispose();
  }

  async #preparedState(): Promise<RemoteState> {
    this.#wireOutputs ??= wireOutputsOf(
      outputsByNode(this.view.scopes.graph, (await this.#model.graph()).nodes),
    );
    this.#runnable ??= await this.#model.prepare({ optimize: false });
    this.#state ??= await this.#runnable.spawnState();
    return this.#state;
  }

  #emptyView(): RunView {
    return new RunView(this.#setup.axisOf, this.pulses === 1);
  }

  /** Compares every wire with its expected values; marks wires that differ from the reference. */
  #compareWires() {
    const { nodes, outputs } = this.view.scopes.graph;
    const check = this.#check;
    for (const wire of check ? nodes.flatMap((node) => node.outputs) : []) {
      const value = this.#runView.value(wire);
      if (value) check?.take(wire, value);
    }
    for (const wire of [...(check?.differing ?? []), ...(this.hasFailed ? outputs : [])]) {
      const history = this.#runView.history(wire);
      if (history) history.differs = true;
    }
  }

  #compareOutputs(outputs: Tensors) {
    const error = this.#setup.expected?.compare(outputs, this.at);
    if (error !== undefined) this.#error = Math.max(this.#error, error);
  }
}
