import type { Tensor } from "tract-wasm";
import type { WireName } from "../../../model/raw-graph.js";
import { type Window, windowDifference, windowsOf } from "../values/tensor-frames.js";

/** Expected values of one wire. */
export interface ExpectedWire {
  /** All values, from the stream's first frame. */
  readonly whole: Tensor;
  /** The streaming axis; -1 for a wire that is the same in each pulse. */
  readonly axis: number;
  /** Batch size folded into the streaming axis; 1 if none. */
  readonly batch: number;
  /** Largest possible delay, in frames. */
  readonly maxDelay: number;
  /** Frames after the delay that do not equal the whole model's yet. */
  readonly warmUp: number;
  /** Largest allowed difference. */
  readonly tolerance: number;
}

/** Result of comparing one wire. */
export interface WireResult {
  /** `waiting`: no frame could be compared yet. */
  readonly state: "waiting" | "equal" | "differs";
  /** Delay of the wire, in frames. */
  readonly delay: number;
  /** Largest difference so far. */
  readonly error: number;
  readonly tolerance: number;
}

/**
 * Compares every wire of a run with its expected values.
 *
 * A pulsed wire equals the whole model's wire after a constant delay, which the engine reports for outputs
 * only. Here the delay is the smallest one that fits all frames so far. Once the next larger delay no longer
 * fits, the delay is known; frames that do not fit from then on differ.
 */
export class ReferenceCheck {
  /** Describes what the wires are compared with. */
  readonly against: string;
  /** Tolerance relative to each wire's largest value, or to 1 if that is less. */
  readonly tolerance: number;
  readonly #expectedWires: ReadonlyMap<WireName, ExpectedWire>;
  #wires: ReadonlyMap<WireName, Wire>;

  constructor(
    against: string,
    tolerance: number,
    expectedWires: ReadonlyMap<WireName, ExpectedWire>,
  ) {
    this.against = against;
    this.tolerance = tolerance;
    this.#expectedWires = expectedWires;
    this.#wires = this.#newWires();
  }

  /** Number of compared wires. */
  get size(): number {
    return this.#wires.size;
  }

  /** Names of the wires that differ. */
  get differing(): WireName[] {
    return [...this.#wires].flatMap(([name, { state }]) => (state === "differs" ? [name] : []));
  }

  /** Number of wires of which frames could be compared so far. */
  get compared(): number {
    return [...this.#wires.values()].filter(({ state }) => state !== "waiting").length;
  }

  of(wire: WireName): WireResult | undefined {
    return this.#wires.get(wire);
  }

  /** Compares the values of a wire in the next pulse. */
  take(wire: WireName, output: Tensor) {
    this.#wires.get(wire)?.take(output);
  }

  reset() {
    this.#wires = this.#newWires();
  }

  copy(): ReferenceCheck {
    const copy = new ReferenceCheck(this.against, this.tolerance, this.#expectedWires);
    copy.#wires = new Map([...this.#wires].map(([name, wire]) => [name, wire.copy()]));
    return copy;
  }

  #newWires() {
    return new Map([...this.#expectedWires].map(([name, right]) => [name, new Wire(right)]));
  }
}

/** A delay, and one way to read the streaming axis. */
interface Fit {
  readonly delay: number;
  readonly reading: number;
}

class Wire implements WireResult {
  state: WireResult["state"] = "waiting";
  error = 0;
  readonly #right: ExpectedWire;
  /** The expected values, in each way the streaming axis can be read. */
  readonly #expectedWires: readonly Window[];
  #fit: Fit = { delay: 0, reading: 0 };
  /** Whether the fit is known; until then all pulses are kept. */
  #isKnown: boolean;
  #pulses = 0;
  #kept: (readonly Window[])[] = [];

  constructor(right: ExpectedWire) {
    this.#right = right;
    this.#expectedWires = windowsOf(right.whole, right.axis, right.batch);
    this.#isKnown = right.axis < 0;
  }

  get tolerance(): number {
    return this.#right.tolerance;
  }

  get delay(): number {
    return this.#fit.delay;
  }

  take(output: Tensor) {
    const at = this.#pulses++;
    if (this.state === "differs") return;
    const pulse = windowsOf(output, this.#right.axis, this.#right.batch);
    if (!this.#isKnown) this.#kept.push(pulse);
    const error = this.#compare(pulse, at, this.#fit);
    if (error === undefined || error <= this.tolerance || this.#isKnown) this.#record(error);
    else this.#findFit();
    if (!this.#isKnown) this.#confirmFit(pulse, at);
  }

  copy(): Wire {
    const copy = new Wire(this.#right);
    copy.state = this.state;
    copy.error = this.error;
    copy.#fit = this.#fit;
    copy.#isKnown = this.#isKnown;
    copy.#pulses = this.#pulses;
    copy.#kept = [...this.#kept];
    return copy;
  }

  /** The fit is known once a delay of one more frame does not fit. */
  #confirmFit(pulse: readonly Window[], at: number) {
    if (this.state === "equal") {
      const later = this.#compare(pulse, at, { ...this.#fit, delay: this.#fit.delay + 1 });
      this.#isKnown = later !== undefined && later > this.tolerance;
    }
    if (this.#isKnown || this.state === "differs") this.#kept = [];
  }

  /** Finds the next fit for all pulses so far; the wire differs if there is none. */
  #findFit() {
    this.error = 0;
    for (const fit of this.#nextFits()) {
      const error = this.#compareKept(fit);
      if (error !== undefined && error > this.tolerance) continue;
      this.#fit = fit;
      this.state = "waiting";
      this.#record(error);
      return;
    }
    this.#record(this.#compareKept(this.#fit));
  }

  /** The fits after the current one. */
  *#nextFits(): Generator<Fit> {
    const { delay, reading } = this.#fit;
    for (let after = reading + 1; after < this.#expectedWires.length; after++) {
      yield { delay, reading: after };
    }
    for (let later = delay + 1; later <= this.#right.maxDelay; later++) {
      for (const each of this.#expectedWires.keys()) yield { delay: later, reading: each };
    }
  }

  /** Largest difference over the kept pulses; undefined while nothing can be compared. */
  #compareKept(fit: Fit): number | undefined {
    let most: number | undefined;
    // The newest pulse is the most likely one not to fit.
    for (let at = this.#kept.length - 1; at >= 0; at--) {
      const error = this.#compare(this.#kept[at] ?? [], at, fit);
      if (error === undefined) continue;
      most = Math.max(most ?? 0, error);
      if (most > this.tolerance) return most;
    }
    return most;
  }

  #compare(pulse: readonly Window[], at: number, { delay, reading }: Fit): number | undefined {
    const [got, right] = [pulse[reading], this.#expectedWires[reading]];
    if (!got || !right) return Number.POSITIVE_INFINITY;
    if (this.#right.axis < 0) {
      return windowDifference([got, 0], [right, 0], 1, this.tolerance);
    }
    const first = at * got.frames - delay;
    const from = Math.max(first, this.#right.warmUp);
    const to = Math.min(first + got.frames, right.frames);
    if (to <= from) return undefined;
    return windowDifference([got, from - first], [right, from], to - from, this.tolerance);
  }

  #record(error: number | undefined) {
    if (error === undefined) return;
    this.error = Math.max(this.error, error);
    this.state = this.error <= this.tolerance ? "equal" : "differs";
  }
}
