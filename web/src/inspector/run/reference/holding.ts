import type { Tensor } from "tract-wasm";
import type { WireName } from "../../../model/raw.js";
import { readings, type Window, windowDifference } from "../values/slices.js";

/** What a wire ought to carry. */
export interface Right {
  /** All of it, from the stream's first frame on. */
  readonly whole: Tensor;
  /** The axis of time; -1 for a wire that is the same in each pulse. */
  readonly axis: number;
  /** How many frames of each instant lie in that axis: a batch may have been folded into it. */
  readonly shared: number;
  /** Frames the wire may lag by at most. */
  readonly mostDelay: number;
  /** Frames after the delay that do not yet equal the whole. */
  readonly warmUp: number;
  /** How much the wire may differ. */
  readonly tolerance: number;
}

/** What has come of it. */
export interface Held {
  /** `waiting`: nothing that could be compared has come yet. */
  readonly state: "waiting" | "equal" | "leaves";
  /** Frames by which the wire lags. */
  readonly delay: number;
  /** Largest difference so far. */
  readonly error: number;
  readonly tolerance: number;
}

/**
 * The wires of a run, each held against what it ought to carry.
 *
 * A pulsed wire is the whole model's wire, late by a constant number of frames, which the engine
 * tells for outputs only. Here it is the least that fits all frames so far; once the next one up does
 * not fit as well, it is known, and whatever does not fit from then on has left.
 */
export class Holding {
  /** What the wires are held against, in words. */
  readonly against: string;
  /** How much wires may differ, relative to the largest value of each, and to 1 where that is less. */
  readonly tolerance: number;
  readonly #rights: ReadonlyMap<WireName, Right>;
  #wires: ReadonlyMap<WireName, Wire>;

  constructor(against: string, tolerance: number, rights: ReadonlyMap<WireName, Right>) {
    this.against = against;
    this.tolerance = tolerance;
    this.#rights = rights;
    this.#wires = this.#begin();
  }

  /** Wires that are held. */
  get size(): number {
    return this.#wires.size;
  }

  /** Names of the wires that left. */
  get leaving(): WireName[] {
    return [...this.#wires].flatMap(([name, { state }]) => (state === "leaves" ? [name] : []));
  }

  /** How many of the wires could be compared so far. */
  get compared(): number {
    return [...this.#wires.values()].filter(({ state }) => state !== "waiting").length;
  }

  of(wire: WireName): Held | undefined {
    return this.#wires.get(wire);
  }

  /** Takes what a wire carried in the next pulse. */
  take(wire: WireName, output: Tensor) {
    this.#wires.get(wire)?.take(output);
  }

  reset() {
    this.#wires = this.#begin();
  }

  copy(): Holding {
    const copy = new Holding(this.against, this.tolerance, this.#rights);
    copy.#wires = new Map([...this.#wires].map(([name, wire]) => [name, wire.copy()]));
    return copy;
  }

  #begin() {
    return new Map([...this.#rights].map(([name, right]) => [name, new Wire(right)]));
  }
}

/** A delay, and how the axis of time is read. */
interface Fit {
  readonly delay: number;
  readonly reading: number;
}

class Wire implements Held {
  state: Held["state"] = "waiting";
  error = 0;
  readonly #right: Right;
  /** The right values, in each way the axis of time can be read. */
  readonly #rights: readonly Window[];
  #fit: Fit = { delay: 0, reading: 0 };
  /** Whether the fit is known; until then, what came is kept to find it. */
  #isKnown: boolean;
  #pulses = 0;
  #kept: (readonly Window[])[] = [];

  constructor(right: Right) {
    this.#right = right;
    this.#rights = readings(right.whole, right.axis, right.shared);
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
    if (this.state === "leaves") return;
    const pulse = readings(output, this.#right.axis, this.#right.shared);
    if (!this.#isKnown) this.#kept.push(pulse);
    const error = this.#differ(pulse, at, this.#fit);
    if (error === undefined || error <= this.tolerance || this.#isKnown) this.#judge(error);
    else this.#seek();
    if (!this.#isKnown) this.#settle(pulse, at);
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

  /** The fit is known once one frame later does not fit as well. */
  #settle(pulse: readonly Window[], at: number) {
    if (this.state === "equal") {
      const later = this.#differ(pulse, at, { ...this.#fit, delay: this.#fit.delay + 1 });
      this.#isKnown = later !== undefined && later > this.tolerance;
    }
    if (this.#isKnown || this.state === "leaves") this.#kept = [];
  }

  /** Finds the next delay by which all that came fits; the wire leaves where there is none. */
  #seek() {
    this.error = 0;
    for (const fit of this.#next()) {
      const error = this.#over(fit);
      if (error !== undefined && error > this.tolerance) continue;
      this.#fit = fit;
      this.state = "waiting";
      this.#judge(error);
      return;
    }
    this.#judge(this.#over(this.#fit));
  }

  /** Fits after the present one. */
  *#next(): Generator<Fit> {
    const { delay, reading } = this.#fit;
    for (let after = reading + 1; after < this.#rights.length; after++) {
      yield { delay, reading: after };
    }
    for (let later = delay + 1; later <= this.#right.mostDelay; later++) {
      for (const each of this.#rights.keys()) yield { delay: later, reading: each };
    }
  }

  /** The largest difference of all that is kept; undefined where nothing can be compared yet. */
  #over(fit: Fit): number | undefined {
    let most: number | undefined;
    // The newest first: it is what does not fit, mostly.
    for (let at = this.#kept.length - 1; at >= 0; at--) {
      const error = this.#differ(this.#kept[at] ?? [], at, fit);
      if (error === undefined) continue;
      most = Math.max(most ?? 0, error);
      if (most > this.tolerance) return most;
    }
    return most;
  }

  #differ(pulse: readonly Window[], at: number, { delay, reading }: Fit): number | undefined {
    const [got, right] = [pulse[reading], this.#rights[reading]];
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

  #judge(error: number | undefined) {
    if (error === undefined) return;
    this.error = Math.max(this.error, error);
    this.state = this.error <= this.tolerance ? "equal" : "leaves";
  }
}
