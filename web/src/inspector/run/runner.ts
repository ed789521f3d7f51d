import type { Tensor, Tensors, Trace, TraceNode } from "tract-wasm";
import type { RemoteModel, RemoteRunnable, RemoteState } from "tract-wasm/worker";
import { engineNodes } from "../model/facts.js";
import type { ModelView } from "../model/view.js";
import type { Expected } from "./expected.js";
import type { Feed } from "./feed.js";
import { Film } from "./film.js";
import { columns } from "./slices.js";

/** Rows of a wire's heat strip. */
const ROWS = 12;
/** Cells of a recurrent state. */
const STATE_CELLS = 32;

/** One wire, as the run has seen it. */
export interface Seen {
  readonly film: Film;
  readonly node: TraceNode;
}

/** All that a snapshot must bring back, but for the engine's own state. */
interface Memory {
  readonly at: number;
  readonly films: ReadonlyMap<string, Film>;
  readonly last: ReadonlyMap<string, TraceNode>;
  readonly error: number;
}

export interface Snapshot extends Memory {
  readonly state: RemoteState;
}

/**
 * A model running one pulse after another, every wire's values kept. It runs unoptimised: each
 * assignment stays a node. What it shows is a plan beside the fast one, not the fast one.
 */
export class Runner {
  readonly view: ModelView;
  readonly #model: RemoteModel;
  readonly #feed: Feed;
  readonly #expected: Expected | undefined;
  readonly #axisOf: (wire: string) => number;
  /** Which wires of the text each node of the engine makes. */
  #wires: ReadonlyMap<number, readonly string[]> | undefined;
  #runnable: RemoteRunnable | undefined;
  #state: RemoteState | undefined;
  #films = new Map<string, Film>();
  #last = new Map<string, TraceNode>();
  #at = 0;
  #error = 0;
  #mean = 0;

  /** `axisOf` is the streaming axis of a wire, -1 where it has none. */
  constructor(
    view: ModelView,
    model: RemoteModel,
    feed: Feed,
    expected: Expected | undefined,
    axisOf: (wire: string) => number,
  ) {
    this.view = view;
    this.#model = model;
    this.#feed = feed;
    this.#expected = expected;
    this.#axisOf = axisOf;
  }

  /** Pulses run since the beginning. */
  get at(): number {
    return this.#at;
  }
  get pulses(): number | undefined {
    return this.#feed.pulses;
  }
  get input(): string {
    return this.#feed.name;
  }
  /** Largest difference from the reference so far; undefined without one, or before it begins. */
  get error(): number | undefined {
    return this.#expected?.begun(this.#at) ? this.#error : undefined;
  }
  get tolerance(): number | undefined {
    return this.#expected?.tolerance;
  }

  film(wire: string): Film | undefined {
    return this.#films.get(wire);
  }

  last(wire: string): TraceNode | undefined {
    return this.#last.get(wire);
  }

  /**
   * Runs the next pulse.
   *
   * @returns false when the input is used up
   * @throws TractError
   */
  async step(): Promise<boolean> {
    const inputs = await this.#feed.pulse(this.#at);
    if (!inputs) return false;
    const state = await this.#prepared();
    this.#take(await state.trace(inputs));
    return true;
  }

  /** Back to the start of the stream. */
  async reset() {
    await this.#state?.reset();
    this.#films = new Map();
    this.#last = new Map();
    this.#at = 0;
    this.#error = 0;
  }

  async snapshot(): Promise<Snapshot> {
    const state = await (await this.#prepared()).clone();
    return { state, ...this.#memory() };
  }

  /** Goes on from a snapshot, which stays as it is. */
  async restore(snapshot: Snapshot) {
    const state = await snapshot.state.clone();
    this.#state?.dispose();
    this.#state = state;
    this.#films = new Map([...snapshot.films].map(([wire, film]) => [wire, film.copy()]));
    this.#last = new Map(snapshot.last);
    this.#at = snapshot.at;
    this.#error = snapshot.error;
  }

  /** Milliseconds of each node of the optimised plan, with the nodes it covers. */
  async profile() {
    // A stream's pulses are for running: taking one away to measure would leave a hole.
    const inputs = this.#feed.pulses === undefined ? this.#silence() : await this.#feed.pulse(0);
    if (!inputs) return undefined;
    const fast = await this.#model.prepare();
    try {
      return await fast.profile(inputs);
    } finally {
      fast.dispose();
    }
  }

  /** Mean milliseconds of an unoptimised pulse: how fast *Play* can go. */
  get stepMs(): number {
    return this.#mean;
  }

  dispose() {
    this.#feed.close?.();
    this.#state?.dispose();
    this.#runnable?.dispose();
    this.#model.dispose();
  }

  async #prepared(): Promise<RemoteState> {
    this.#wires ??= await this.#named();
    this.#runnable ??= await this.#model.prepare({ optimize: false });
    this.#state ??= await this.#runnable.spawnState();
    return this.#state;
  }

  #silence(): Tensors {
    const ports = this.#model.inputs.map(({ name, shape }): [string, Tensor] => {
      const sizes = shape.map((dim) => (typeof dim === "number" ? dim : 1));
      const count = sizes.reduce((product, dim) => product * dim, 1);
      return [name, { data: new Float32Array(count), shape: sizes, dtype: "f32" }];
    });
    return Object.fromEntries(ports);
  }

  async #named(): Promise<Map<number, string[]>> {
    const { nodes } = await this.#model.graph();
    const wires = new Map<number, string[]>();
    for (const [wire, { id }] of engineNodes(this.view.scopes.graph, nodes)) {
      wires.set(id, [...(wires.get(id) ?? []), wire]);
    }
    return wires;
  }

  #memory(): Memory {
    const films = new Map([...this.#films].map(([wire, film]) => [wire, film.copy()]));
    return { at: this.#at, films, last: new Map(this.#last), error: this.#error };
  }

  #take(trace: Trace) {
    if (trace.ms !== undefined) this.#mean += (trace.ms - this.#mean) / (this.#at + 1);
    for (const node of trace.nodes) {
      const [output] = node.outputs;
      for (const wire of this.#wires?.get(node.id) ?? []) {
        this.#last.set(wire, node);
        if (!output) continue;
        const film = this.#films.get(wire) ?? new Film(this.pulses === 1);
        this.#films.set(wire, film);
        film.add(this.#fresh(wire, node, output));
      }
    }
    this.#check(trace.outputs);
    this.#at++;
  }

  /** The frames a node gave that were not there before: a delay repeats those it carries. */
  #fresh(wire: string, { state }: TraceNode, output: Tensor): Float32Array[] {
    if (state?.kind === "delay") return columns(output, state.axis, ROWS).slice(state.overlap);
    const axis = this.pulses === 1 ? longest(output.shape) : Math.max(0, this.#axisOf(wire));
    return columns(output, axis, ROWS);
  }

  #check(outputs: Tensors) {
    const error = this.#expected?.compare(outputs, this.#at);
    if (error === undefined) return;
    this.#error = Math.max(this.#error, error);
    if (error <= (this.#expected?.tolerance ?? 0)) return;
    for (const wire of this.view.scopes.graph.outputs) {
      const film = this.#films.get(wire);
      if (film) film.leaves = true;
    }
  }

  /** What a node keeps, as cells: frames of a delay, or a recurrent output. */
  kept(wire: string): readonly (number | null)[] | undefined {
    const node = this.#last.get(wire);
    if (node?.state?.kind === "delay") return this.#delayed(node);
    const hidden = node?.state?.kind === "scan" ? node.outputs[0] : undefined;
    if (!hidden) return undefined;
    const frame = columns(hidden, Math.max(0, this.#axisOf(wire)), STATE_CELLS).at(-1);
    return frame && [...frame];
  }

  #delayed({ state, outputs }: TraceNode): (number | null)[] | undefined {
    if (state?.kind !== "delay" || !state.buffer) return undefined;
    const { axis, overlap, buffer } = state;
    const each = (outputs[0]?.shape[axis] ?? overlap) - overlap;
    const held = columns(buffer, axis, 1).map(([mean]) => mean ?? 0);
    const fresh = Math.min(held.length, this.#at * each);
    const most = Math.max(...held.map(Math.abs)) || 1;
    const filled: (number | null)[] = held.slice(held.length - fresh).map((mean) => mean / most);
    return [...filled, ...new Array<null>(held.length - fresh).fill(null)];
  }
}

/** The axis a single tensor is laid out along. */
const longest = (shape: readonly number[]): number =>
  shape.reduce((best, dim, axis) => (dim > (shape[best] ?? 0) ? axis : best), 0);
