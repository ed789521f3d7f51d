/** Reason of an error. Use it instead of the message to tell errors apart. */
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

/** Details of an error besides its message. */
export interface ErrorDetails {
  /** The engine's messages, outermost first. */
  readonly causes?: readonly string[];
  /** The underlying error, if there is one. */
  readonly cause?: unknown;
}

/** Base class of all errors of this package. */
export class TractError extends Error {
  override readonly name: string = "TractError";
  readonly code: ErrorCode;
  /** The engine's complete chain of causes, outermost first. */
  readonly causes: readonly string[];

  constructor(message: string, code: ErrorCode, { causes = [], cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.causes = causes;
  }
}

/** The engine or an archive could not be fetched, decompressed or read. */
export class LoadError extends TractError {
  override readonly name = "LoadError";
  declare readonly code: "fetch" | "wasm" | "version" | "archive" | "limit" | "model";
}

/** A name, dtype, shape, option or symbol value is invalid. */
export class InputError extends TractError {
  override readonly name = "InputError";
  declare readonly code: "input" | "symbols";
  constructor(message: string, code: "input" | "symbols" = "input", details?: ErrorDetails) {
    super(message, code, details);
  }
}

/** An assert of the model does not hold for these symbol values. */
export class AssertError extends TractError {
  override readonly name = "AssertError";
  declare readonly code: "assert";
  readonly assert: string;
  readonly values: Readonly<Record<string, number>>;
  constructor(
    message: string,
    details: ErrorDetails & { assert: string; values: Record<string, number> },
  ) {
    super(message, "assert", details);
    this.assert = details.assert;
    this.values = details.values;
  }
}

/** None of the model's modes holds for these symbol values. */
export class ModeError extends TractError {
  override readonly name = "ModeError";
  declare readonly code: "mode";
  readonly modes: Readonly<Record<string, readonly string[]>>;
  readonly values: Readonly<Record<string, number>>;
  constructor(
    message: string,
    details: ErrorDetails & { modes: Record<string, string[]>; values: Record<string, number> },
  ) {
    super(message, "mode", details);
    this.modes = details.modes;
    this.values = details.values;
  }
}

/** The input is too short along `symbol`: the model needs at least `least` frames. */
export class TooShortError extends TractError {
  override readonly name = "TooShortError";
  declare readonly code: "too-short";
  readonly symbol: string;
  readonly least: number;
  constructor(message: string, details: ErrorDetails & { symbol: string; least: number }) {
    super(message, "too-short", details);
    this.symbol = details.symbol;
    this.least = details.least;
  }
}

/**
 * The model cannot be pulsed as requested. `possible` lists some pulses that are possible, smallest
 * first; it is empty if the model cannot be pulsed along this symbol.
 */
export class PulseError extends TractError {
  override readonly name = "PulseError";
  declare readonly code: "pulse";
  readonly symbol: string;
  readonly pulse: number;
  readonly possible: readonly number[];
  constructor(
    message: string,
    details: ErrorDetails & { symbol: string; pulse: number; possible: number[] },
  ) {
    super(message, "pulse", details);
    this.symbol = details.symbol;
    this.pulse = details.pulse;
    this.possible = details.possible;
  }
}

/** NNEF cannot express this op. */
export class WriteError extends TractError {
  override readonly name = "WriteError";
  declare readonly code: "write";
  readonly op: string;
  readonly node: string;
  constructor(message: string, details: ErrorDetails & { op: string; node: string }) {
    super(message, "write", details);
    this.op = details.op;
    this.node = details.node;
  }
}

/** Preparing or running failed. `poisoned`: an earlier run of this state failed. */
export class RunError extends TractError {
  override readonly name = "RunError";
  declare readonly code: "prepare" | "run" | "poisoned";
}

/** The handle, or an object it depends on, was disposed of. */
export class DisposedError extends TractError {
  override readonly name = "DisposedError";
  declare readonly code: "disposed";
  constructor(message: string, details?: ErrorDetails) {
    super(message, "disposed", details);
  }
}

/** Planning or running trapped and ended the engine's instance. All its objects are lost; load the engine again. */
export class TrapError extends TractError {
  override readonly name = "TrapError";
  declare readonly code: "trap";
  constructor(message: string, details?: ErrorDetails) {
    super(message, "trap", details);
  }
}

/** The worker ended, by its deadline or by itself; call connect again. */
export class WorkerError extends TractError {
  override readonly name = "WorkerError";
  declare readonly code: "deadline" | "worker";
}

/** An error as plain data, for the wasm module and the worker. */
export interface PlainError {
  code: ErrorCode;
  message: string;
  causes: string[];
  assert?: string;
  values?: Record<string, number>;
  modes?: Record<string, string[]>;
  symbol?: string;
  least?: number;
  pulse?: number;
  possible?: number[];
  op?: string;
  node?: string;
}

/** Creates an error of the class that belongs to its code. */
export function errorFrom(plain: PlainError): TractError {
  const { code, message, causes } = plain;
  const { values = {}, symbol = "" } = plain;
  switch (code) {
    case "fetch":
    case "wasm":
    case "version":
    case "archive":
    case "limit":
    case "model":
      return new LoadError(message, code, { causes });
    case "input":
    case "symbols":
      return new InputError(message, code, { causes });
    case "assert":
      return new AssertError(message, { causes, assert: plain.assert ?? "", values });
    case "mode":
      return new ModeError(message, { causes, modes: plain.modes ?? {}, values });
    case "too-short":
      return new TooShortError(message, { causes, symbol, least: plain.least ?? 0 });
    case "pulse": {
      const { pulse = 0, possible = [] } = plain;
      return new PulseError(message, { causes, symbol, pulse, possible });
    }
    case "write":
      return new WriteError(message, { causes, op: plain.op ?? "", node: plain.node ?? "" });
    case "prepare":
    case "run":
    case "poisoned":
      return new RunError(message, code, { causes });
    case "disposed":
      return new DisposedError(message, { causes });
    case "trap":
      return new TrapError(message, { causes });
    case "deadline":
    case "worker":
      return new WorkerError(message, code, { causes });
  }
}

/** Converts anything thrown to plain data; the inverse of `errorFrom`. */
export function plainError(thrown: unknown): PlainError {
  if (!(thrown instanceof TractError)) {
    const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return { code: "worker", message, causes: [] };
  }
  const { message, causes, ...fields } = thrown as TractError & Partial<PlainError>;
  const { cause: _, ...own } = fields as typeof fields & { cause?: unknown };
  return { ...own, message, causes: [...causes] } as PlainError;
}
