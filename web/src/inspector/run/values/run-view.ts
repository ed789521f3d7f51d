import type { Tensor, TraceNode } from "tract-wasm";
import type { WireName } from "../../../model/raw-graph.js";
import { columns } from "./tensor-frames.js";
import { WireHistory } from "./wire-history.js";

/** Rows of a wire's heat map. */
const ROWS = 12;
/** Cells of a recurrent state. */
const STATE_CELLS = 32;

/** A wire of the text and the index of the node output that it is. */
export interface WireOutput {
  readonly wire: WireName;
  readonly slot: number;
}

/** The streaming axis of a wire; -1 where it has none. */
export type AxisOf = (wire: WireName) => number;

/** Recent values of every wire and the state of every node, for display. */
export class RunView {
  /** Pulses so far. */
  at = 0;
  readonly #axisOf: AxisOf;
  readonly #isOnce: boolean;
  #histories = new Map<WireName, WireHistory>();
  #last = new Map<WireName, TraceNode>();
  #values = new Map<WireName, Tensor>();

  /** @param isOnce whether there is only one pulse, so that a wire's picture shows all of it */
  constructor(axisOf: AxisOf, isOnce: boolean) {
    this.#axisOf = axisOf;
    this.#isOnce = isOnce;
  }

  history(wire: WireName): WireHistory | undefined {
    return this.#histories.get(wire);
  }

  /** Values of the wire in the last pulse. */
  value(wire: WireName): Tensor | undefined {
    return this.#values.get(wire);
  }

  /** Adds one pulse; `makes` gives the wires of a node's outputs. */
  addPulse(nodes: readonly TraceNode[], makes: (node: TraceNode) => readonly WireOutput[]) {
    for (const node of nodes) {
      for (const { wire, slot } of makes(node)) {
        this.#last.set(wire, node);
        const output = node.outputs[slot] ?? node.outputs[0];
        if (!output) continue;
        this.#values.set(wire, output);
        const history = this.#histories.get(wire) ?? new WireHistory(this.#isOnce);
        this.#histories.set(wire, history);
        history.add(this.#newFrames(wire, node, output));
      }
    }
    this.at++;
  }

  /** The new frames of a node's output: a delay repeats its overlap. */
  #newFrames(wire: WireName, { state }: TraceNode, output: Tensor): Float32Array[] {
    if (state?.kind === "delay") return columns(output, state.axis, ROWS).slice(state.overlap);
    const axis = this.#isOnce ? longest(output.shape) : Math.max(0, this.#axisOf(wire));
    return columns(output, axis, ROWS);
  }

  /** State of the node that makes a wire, as cells: a delay's frames, or a recurrent output. */
  kept(wire: WireName): readonly (number | null)[] | undefined {
    const node = this.#last.get(wire);
    if (node?.state?.kind === "delay") return this.#delayCells(node);
    const hidden = node?.state?.kind === "scan" ? node.outputs[0] : undefined;
    if (!hidden) return undefined;
    const frame = columns(hidden, Math.max(0, this.#axisOf(wire)), STATE_CELLS).at(-1);
    return frame && [...frame];
  }

  #delayCells({ state, outputs }: TraceNode): (number | null)[] | undefined {
    if (state?.kind !== "delay" || !state.buffer) return undefined;
    const { axis, overlap, buffer } = state;
    const each = (outputs[0]?.shape[axis] ?? overlap) - overlap;
    const held = columns(buffer, axis, 1).map(([mean]) => mean ?? 0);
    const fresh = Math.min(held.length, this.at * each);
    const most = Math.max(...held.map(Math.abs)) || 1;
    const filled: (number | null)[] = held.slice(held.length - fresh).map((mean) => mean / most);
    return [...filled, ...new Array<null>(held.length - fresh).fill(null)];
  }

  copy(): RunView {
    const runView = new RunView(this.#axisOf, this.#isOnce);
    runView.at = this.at;
    runView.#histories = new Map(
      [...this.#histories].map(([wire, history]) => [wire, history.copy()]),
    );
    runView.#last = new Map(this.#last);
    runView.#values = new Map(this.#values);
    return runView;
  }
}

/** The longest axis. */
const longest = (shape: readonly number[]): number =>
  shape.reduce((best, dim, axis) => (dim > (shape[best] ?? 0) ? axis : best), 0);
