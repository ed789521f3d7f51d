import type { Tensor, TraceNode } from "tract-wasm";
import type { WireName } from "../../../model/raw.js";
import { Film } from "./film.js";
import { columns } from "./slices.js";

/** Rows of a wire's heat strip. */
const ROWS = 12;
/** Cells of a recurrent state. */
const STATE_CELLS = 32;

/** A wire of the text, as an output of the engine's node that makes it. */
export interface Made {
  readonly wire: WireName;
  readonly slot: number;
}

/** The streaming axis of a wire; -1 where it has none. */
export type AxisOf = (wire: WireName) => number;

/** What went over each wire of a running model, as far as it is kept to be looked at. */
export class Sight {
  /** Pulses seen since the beginning. */
  at = 0;
  readonly #axisOf: AxisOf;
  readonly #isOnce: boolean;
  #films = new Map<WireName, Film>();
  #last = new Map<WireName, TraceNode>();
  #values = new Map<WireName, Tensor>();

  /** @param isOnce whether each wire is seen only once: its picture then is all of it */
  constructor(axisOf: AxisOf, isOnce: boolean) {
    this.#axisOf = axisOf;
    this.#isOnce = isOnce;
  }

  film(wire: WireName): Film | undefined {
    return this.#films.get(wire);
  }

  /** What the wire carried last. */
  value(wire: WireName): Tensor | undefined {
    return this.#values.get(wire);
  }

  /** Takes in one pulse; `makes` says which wires are outputs of a node. */
  take(nodes: readonly TraceNode[], makes: (node: TraceNode) => readonly Made[]) {
    for (const node of nodes) {
      for (const { wire, slot } of makes(node)) {
        this.#last.set(wire, node);
        const output = node.outputs[slot] ?? node.outputs[0];
        if (!output) continue;
        this.#values.set(wire, output);
        const film = this.#films.get(wire) ?? new Film(this.#isOnce);
        this.#films.set(wire, film);
        film.add(this.#fresh(wire, node, output));
      }
    }
    this.at++;
  }

  /** The frames a node gave that were not there before: a delay repeats those it carries. */
  #fresh(wire: WireName, { state }: TraceNode, output: Tensor): Float32Array[] {
    if (state?.kind === "delay") return columns(output, state.axis, ROWS).slice(state.overlap);
    const axis = this.#isOnce ? longest(output.shape) : Math.max(0, this.#axisOf(wire));
    return columns(output, axis, ROWS);
  }

  /** What the node of a wire keeps, as cells: frames of a delay, or a recurrent output. */
  kept(wire: WireName): readonly (number | null)[] | undefined {
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
    const fresh = Math.min(held.length, this.at * each);
    const most = Math.max(...held.map(Math.abs)) || 1;
    const filled: (number | null)[] = held.slice(held.length - fresh).map((mean) => mean / most);
    return [...filled, ...new Array<null>(held.length - fresh).fill(null)];
  }

  copy(): Sight {
    const sight = new Sight(this.#axisOf, this.#isOnce);
    sight.at = this.at;
    sight.#films = new Map([...this.#films].map(([wire, film]) => [wire, film.copy()]));
    sight.#last = new Map(this.#last);
    sight.#values = new Map(this.#values);
    return sight;
  }
}

/** The axis a single tensor is laid out along. */
const longest = (shape: readonly number[]): number =>
  shape.reduce((best, dim, axis) => (dim > (shape[best] ?? 0) ? axis : best), 0);
