import type { Tensors } from "tract-wasm";
import type { RemoteModel, RemoteRunnable, RemoteState } from "tract-wasm/worker";
import type { ModelView } from "../../model/view.js";
import { profileOf } from "./profile.js";
import type { Expected } from "./reference/expected.js";
import type { Holding } from "./reference/holding.js";
import type { Feed } from "./values/feed.js";
import { type AxisOf, type Made, Sight } from "./values/sight.js";
import { madeBy, makerOf } from "./values/wires.js";

/** All that a snapshot must bring back. */
export interface Snapshot {
  readonly at: number;
  readonly state: RemoteState;
  readonly sight: Sight;
  readonly holding: Holding | undefined;
  readonly error: number;
}

/** What a run is given and held against. */
export interface Bench {
  readonly feed: Feed;
  /** What the source framework gave for its outputs. */
  readonly expected: Expected | undefined;
  /** What each wire ought to carry. */
  readonly holding: Holding | undefined;
  readonly axisOf: AxisOf;
}

/**
 * A model running one pulse after another, every wire's values kept. It runs unoptimised: each
 * assignment stays a node. What it shows is a plan beside the fast one, not the fast one.
 */
export class Runner {
  readonly kind = "steps";
  readonly view: ModelView;
  readonly #model: RemoteModel;
  readonly #bench: Bench;
  #makes: ((node: { readonly name: string }) => readonly Made[]) | undefined;
  #runnable: RemoteRunnable | undefined;
  #state: RemoteState | undefined;
  #sight: Sight;
  #holding: Holding | undefined;
  #error = 0;

  constructor(view: ModelView, model: RemoteModel, bench: Bench) {
    this.view = view;
    this.#model = model;
    this.#bench = bench;
    this.#sight = this.#blank();
    this.#holding = bench.holding;
  }

  get sight(): Sight {
    return this.#sight;
  }
  get holding(): Holding | undefined {
    return this.#holding;
  }
  /** Pulses run since the beginning. */
  get at(): number {
    return this.#sight.at;
  }
  get pulses(): number {
    return this.#bench.feed.pulses;
  }
  get input(): string {
    return this.#bench.feed.name;
  }
  /** Largest difference from the reference so far; undefined without one, or before it begins. */
  get error(): number | undefined {
    return this.#bench.expected?.begun(this.at) ? this.#error : undefined;
  }
  get tolerance(): number | undefined {
    return this.#bench.expected?.tolerance;
  }

  /** Whether the outputs are no longer those of the reference. */
  get isOff(): boolean {
    return (this.error ?? 0) > (this.tolerance ?? 0);
  }

  /**
   * Runs the next pulse.
   *
   * @returns false when the input is used up
   * @throws TractError
   */
  async step(): Promise<boolean> {
    const inputs = await this.#bench.feed.pulse(this.at);
    if (!inputs) return false;
    const state = await this.#prepared();
    const { nodes, outputs } = await state.trace(inputs);
    this.#check(outputs);
    this.#sight.take(nodes, (node) => this.#makes?.(node) ?? []);
    this.#hold();
    return true;
  }

  /** Back to the start of the stream. */
  async reset() {
    await this.#state?.reset();
    this.#sight = this.#blank();
    this.#holding?.reset();
    this.#error = 0;
  }

  async snapshot(): Promise<Snapshot> {
    const state = await (await this.#prepared()).clone();
    const [sight, holding] = [this.#sight.copy(), this.#holding?.copy()];
    return { at: this.at, state, sight, holding, error: this.#error };
  }

  /** Goes on from a snapshot, which stays as it is. */
  async restore(snapshot: Snapshot) {
    const state = await snapshot.state.clone();
    this.#state?.dispose();
    this.#state = state;
    this.#sight = snapshot.sight.copy();
    this.#holding = snapshot.holding?.copy();
    this.#error = snapshot.error;
  }

  /** Milliseconds of each node of the optimised plan, with the nodes it covers. */
  async profile() {
    const inputs = await this.#bench.feed.pulse(0);
    return inputs && profileOf(this.#model, inputs);
  }

  dispose() {
    this.#state?.dispose();
    this.#runnable?.dispose();
    this.#model.dispose();
  }

  async #prepared(): Promise<RemoteState> {
    this.#makes ??= makerOf(madeBy(this.view.scopes.graph, (await this.#model.graph()).nodes));
    this.#runnable ??= await this.#model.prepare({ optimize: false });
    this.#state ??= await this.#runnable.spawnState();
    return this.#state;
  }

  #blank(): Sight {
    return new Sight(this.#bench.axisOf, this.pulses === 1);
  }

  /** Holds what each wire carried against what it ought to; who leaves is drawn so. */
  #hold() {
    const { nodes, outputs } = this.view.scopes.graph;
    const holding = this.#holding;
    for (const wire of holding ? nodes.flatMap((node) => node.outputs) : []) {
      const value = this.#sight.value(wire);
      if (value) holding?.take(wire, value);
    }
    for (const wire of [...(holding?.leaving ?? []), ...(this.isOff ? outputs : [])]) {
      const film = this.#sight.film(wire);
      if (film) film.leaves = true;
    }
  }

  #check(outputs: Tensors) {
    const error = this.#bench.expected?.compare(outputs, this.at);
    if (error !== undefined) this.#error = Math.max(this.#error, error);
  }
}
