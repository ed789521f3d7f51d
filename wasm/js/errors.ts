/** Why a call failed, to tell errors apart without reading their text. */
export type ErrorCode =
  | "fetch"
  | "wasm"
  | "version"
  | "archive"
  | "limit"
  | "model"
  | "input"
  | "symbols"
  | "assert"
  | "mode"
  | "too-short"
  | "pulse"
  | "write"
  | "prepare"
  | "run"
  | "poisoned"
  | "disposed"
  | "trap"
  | "deadline"
  | "worker";

/** All this package throws. `causes` is the whole chain, outermost first. */
export class TractError extends Error {
  readonly code: ErrorCode;
  readonly causes: readonly string[];

  constructor(message: string, code: ErrorCode, causes: readonly string[] = [], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.causes = causes;
  }
}

type Rest = [causes?: readonly string[], cause?: unknown];

/** The engine or an archive could not be had, unpacked or understood. Codes: fetch, wasm, version, archive, limit, model. */
export class LoadError extends TractError {}

/** A name, dtype, shape or option that does not fit. Codes: input, symbols. */
export class InputError extends TractError {
  constructor(message: string, code: "input" | "symbols" = "input", ...rest: Rest) {
    super(message, code, ...rest);
  }
}

/** A condition the model states does not hold for these symbol values. */
export class AssertError extends TractError {
  readonly assert: string;
  readonly values: Readonly<Record<string, number>>;
  constructor(
    message: string,
    details: { assert: string; values: Record<string, number> },
    ...rest: Rest
  ) {
    super(message, "assert", ...rest);
    this.assert = details.assert;
    this.values = details.values;
  }
}

/** None of the model's modes fits these symbol values. */
export class ModeError extends TractError {
  readonly modes: Readonly<Record<string, readonly string[]>>;
  readonly values: Readonly<Record<string, number>>;
  constructor(
    message: string,
    details: { modes: Record<string, string[]>; values: Record<string, number> },
    ...rest: Rest
  ) {
    super(message, "mode", ...rest);
    this.modes = details.modes;
    this.values = details.values;
  }
}

/** The input is shorter along `symbol` than the model can take; `least` frames would do. */
export class TooShortError extends TractError {
  readonly symbol: string;
  readonly least: number;
  constructor(message: string, details: { symbol: string; least: number }, ...rest: Rest) {
    super(message, "too-short", ...rest);
    this.symbol = details.symbol;
    this.least = details.least;
  }
}

/** The model cannot be cut into pulses this way; `possible` lists pulses it can be cut into (none: not along this symbol). */
export class PulseError extends TractError {
  readonly symbol: string;
  readonly pulse: number;
  readonly possible: readonly number[];
  constructor(
    message: string,
    details: { symbol: string; pulse: number; possible: number[] },
    ...rest: Rest
  ) {
    super(message, "pulse", ...rest);
    this.symbol = details.symbol;
    this.pulse = details.pulse;
    this.possible = details.possible;
  }
}

/** NNEF has no way to write this op. */
export class WriteError extends TractError {
  readonly op: string;
  readonly node: string;
  constructor(message: string, details: { op: string; node: string }, ...rest: Rest) {
    super(message, "write", ...rest);
    this.op = details.op;
    this.node = details.node;
  }
}

/** The engine failed at preparing or running. Codes: prepare, run, poisoned (an earlier run of this state failed). */
export class RunError extends TractError {}

/** The handle was disposed of, or what it came from was. */
export class DisposedError extends TractError {
  constructor(message: string, ...rest: Rest) {
    super(message, "disposed", ...rest);
  }
}

/** The wasm instance died: everything that came from it is gone; load the engine again. */
export class TrapError extends TractError {
  constructor(message: string, ...rest: Rest) {
    super(message, "trap", ...rest);
  }
}

/** The worker was ended, by its deadline or by itself; connect again. Codes: deadline, worker. */
export class WorkerError extends TractError {}
