import { invalidOption, wholeNumber } from "../base/option-checks.js";

/** Design attenuation in dB: above the promised 80 dB, which rounded coefficients must still meet. */
const STOP_BAND_DB = 90;
/** Pass band as a share of the lower Nyquist frequency: 7.04 of 8 kHz. */
const PASS_BAND = 0.88;
/** With more phases than this the table is interpolated. */
const MAX_PHASES = 1280;
/** Phases of an interpolated table: linear interpolation then errs by less than -115 dB. */
const INTERPOLATED_PHASES = 512;

/**
 * Changes the sample rate of a mono stream, block by block.
 *
 * A polyphase windowed-sinc (Kaiser) low-pass filter. The position is an exact fraction, so the output has exactly
 * `outputRate / inputRate` samples per input sample at all times. The filter is symmetric and its delay is removed:
 * output sample `n` belongs to the input at `n / outputRate` seconds. The output does not depend on block sizes.
 *
 * Window length and shape follow Kaiser's formulas (J. F. Kaiser, "Nonrecursive digital filter design using the
 * I0-sinh window function", 1974).
 */
export class Resampler {
  readonly inputRate: number;
  readonly outputRate: number;
  /** Seconds of input needed past an output sample to compute it. */
  readonly latencySeconds: number;
  readonly #up: number;
  readonly #down: number;
  readonly #filter: Filter | undefined;
  /** Buffered input; its first sample is the oldest that an output still needs. */
  #held: Float32Array;
  #heldLength: number;
  /** Position of the next output sample: whole input samples, and a part in units of `1 / #up`. */
  #whole: number;
  #part = 0;
  #taken = 0;
  #given = 0;

  /**
   * @param inputRate in Hz, a whole number
   * @param outputRate in Hz, a whole number
   * @throws OptionError for rates that are not whole numbers, or further apart than a factor of 64
   */
  constructor(inputRate: number, outputRate: number) {
    this.inputRate = wholeNumber("inputRate", inputRate, 1);
    this.outputRate = wholeNumber("outputRate", outputRate, 1);
    if (Math.max(inputRate / outputRate, outputRate / inputRate) > 64) {
      throw invalidOption("inputRate", inputRate, `within a factor of 64 of ${outputRate}`);
    }
    const divisor = greatestCommonDivisor(inputRate, outputRate);
    this.#up = outputRate / divisor;
    this.#down = inputRate / divisor;
    if (this.#up === this.#down) {
      this.latencySeconds = 0;
      this.#held = new Float32Array(0);
      this.#heldLength = 0;
      this.#whole = 0;
      return;
    }
    this.#filter = filterFor(inputRate, outputRate, this.#up);
    const { reach } = this.#filter;
    this.latencySeconds = reach / inputRate;
    // Starts with silence, so that the first output sample has earlier input.
    this.#held = new Float32Array(4 * reach + 4096);
    this.#heldLength = reach;
    this.#whole = reach;
  }

  /** Input samples so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Output samples so far. */
  get given(): number {
    return this.#given;
  }

  /** Output samples for the input so far, including those that `flush` would return. */
  get due(): number {
    return Math.ceil((this.#taken * this.#up) / this.#down);
  }

  /**
   * Takes the next block and returns the output that can be computed.
   * @returns a new array, possibly empty; at equal rates a copy of the block
   */
  push(block: Float32Array): Float32Array {
    this.#taken += block.length;
    const filter = this.#filter;
    if (filter === undefined) {
      this.#given += block.length;
      return block.slice();
    }
    this.#hold(block);
    return this.#compute(filter, Number.POSITIVE_INFINITY);
  }

  /** Returns the remaining output, as if silence followed: `due` samples in all. The next `push` starts a new stream. */
  flush(): Float32Array {
    const filter = this.#filter;
    let rest: Float32Array = new Float32Array(0);
    if (filter !== undefined) {
      const due = this.due;
      this.#hold(new Float32Array(filter.reach + 1));
      rest = this.#compute(filter, due - this.#given);
      this.#held.fill(0, 0, filter.reach);
      this.#heldLength = filter.reach;
      this.#whole = filter.reach;
      this.#part = 0;
    }
    this.#taken = 0;
    this.#given = 0;
    return rest;
  }

  #hold(block: Float32Array): void {
    const needed = this.#heldLength + block.length;
    if (needed > this.#held.length) {
      const grown = new Float32Array(2 * needed);
      grown.set(this.#held.subarray(0, this.#heldLength));
      this.#held = grown;
    }
    this.#held.set(block, this.#heldLength);
    this.#heldLength = needed;
  }

  #compute(filter: Filter, most: number): Float32Array {
    const { reach, width, table, phases } = filter;
    const held = this.#held;
    const ready = this.#heldLength - reach - this.#whole;
    const possible = ready <= 0 ? 0 : Math.ceil((ready * this.#up - this.#part) / this.#down);
    const count = Math.min(possible, most);
    const out = new Float32Array(count);
    for (let n = 0; n < count; n++) {
      const place = (this.#part * phases) / this.#up;
      const phase = Math.floor(place);
      const share = place - phase;
      const from = this.#whole - reach + 1;
      const row = phase * width;
      out[n] =
        share === 0
          ? product(held, from, table, row, width)
          : (1 - share) * product(held, from, table, row, width) +
            share * product(held, from, table, row + width, width);
      this.#part += this.#down;
      const steps = Math.floor(this.#part / this.#up);
      this.#whole += steps;
      this.#part -= steps * this.#up;
    }
    this.#given += count;
    this.#forget(reach);
    return out;
  }

  /** Drops input that no output needs any more. */
  #forget(reach: number): void {
    const unused = Math.min(this.#whole - reach, this.#heldLength);
    if (unused <= 0) return;
    this.#held.copyWithin(0, unused, this.#heldLength);
    this.#heldLength -= unused;
    this.#whole -= unused;
  }
}

interface Filter {
  /** Input samples used on each side of an output sample. */
  readonly reach: number;
  /** Coefficients per phase; a multiple of four. */
  readonly width: number;
  readonly phases: number;
  /** One row per phase, and one more for interpolation. */
  readonly table: Float32Array;
}

function filterFor(inputRate: number, outputRate: number, up: number): Filter {
  const nyquist = Math.min(inputRate, outputRate) / 2;
  const transition = ((1 - PASS_BAND) * nyquist) / inputRate;
  const cutoff = (((1 + PASS_BAND) / 2) * nyquist) / inputRate;
  const taps = (STOP_BAND_DB - 7.95) / (14.36 * transition);
  const reach = 2 * Math.ceil(taps / 4);
  const width = 2 * reach;
  const phases = up <= MAX_PHASES ? up : INTERPOLATED_PHASES;
  const beta = 0.1102 * (STOP_BAND_DB - 8.7);
  const table = new Float32Array((phases + 1) * width);
  const row = new Float64Array(width);
  for (let phase = 0; phase <= phases; phase++) {
    let sum = 0;
    for (let tap = 0; tap < width; tap++) {
      const distance = tap - reach + 1 - phase / phases;
      const value = 2 * cutoff * sinc(2 * cutoff * distance) * kaiser(distance / reach, beta);
      row[tap] = value;
      sum += value;
    }
    // Normalises each phase to a gain of 1; different gains would add a tone.
    for (let tap = 0; tap < width; tap++) table[phase * width + tap] = (row[tap] as number) / sum;
  }
  return { reach, width, phases, table };
}

function product(
  held: Float32Array,
  from: number,
  table: Float32Array,
  row: number,
  width: number,
): number {
  // Four independent sums avoid waiting for each addition.
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let tap = 0; tap < width; tap += 4) {
    const x = from + tap;
    const h = row + tap;
    a += (held[x] as number) * (table[h] as number);
    b += (held[x + 1] as number) * (table[h + 1] as number);
    c += (held[x + 2] as number) * (table[h + 2] as number);
    d += (held[x + 3] as number) * (table[h + 3] as number);
  }
  return a + b + (c + d);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Kaiser window at `x`, from -1 to 1. */
function kaiser(x: number, beta: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel(beta * Math.sqrt(1 - x * x)) / bessel(beta);
}

/** Modified Bessel function of the first kind and order 0, by its power series. */
function bessel(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
