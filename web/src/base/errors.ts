/** All this package throws or reports. Tell errors apart by class and `code`, never by `message`. */
export class VadError<Code extends string = string> extends Error {
  // Written out, here and below: a bundler that shortens the names of classes must not shorten what people read.
  override readonly name: string = "VadError";
  readonly code: Code;

  constructor(message: string, code: Code, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  /** Messages of this error and of what caused it, outermost first. */
  get causes(): readonly string[] {
    const chain: string[] = [];
    for (let at: unknown = this; at instanceof Error && chain.length < 16; at = at.cause) {
      chain.push(at.message);
    }
    return chain;
  }
}

/** An option nobody knows, or a value it cannot take. */
export class OptionError extends VadError<"option-unknown" | "option-invalid"> {
  override readonly name = "OptionError";
  /** The option's name. */
  readonly option: string;

  constructor(message: string, code: "option-unknown" | "option-invalid", option: string) {
    super(message, code);
    this.option = option;
  }
}

export type BundleErrorCode =
  /** The server has no such file (404 and other refusals). */
  | "file-missing"
  /** The network failed. */
  | "file-unreachable"
  /** A web page was served where the file should be. */
  | "file-is-page"
  /** Not as many bytes as the manifest says. */
  | "file-cut"
  /** The bytes are not those the manifest was written for. */
  | "file-changed"
  /** The file does not begin as its kind does. */
  | "file-wrong-kind"
  /** manifest.json is not JSON. */
  | "manifest-unreadable"
  /** manifest.json lacks something or says something it may not: see `field`. */
  | "manifest-invalid"
  /** The bundle needs a newer engine than this. */
  | "engine-too-old"
  /** A sound bundle, but not one that finds speech in audio. */
  | "not-for-audio"
  /** The engine refuses the model file. */
  | "model-refused";

/** The bundle cannot be had or is not what it claims. */
export class BundleError extends VadError<BundleErrorCode> {
  override readonly name = "BundleError";
  /** URL of the file in question. */
  readonly file: string;
  /** Path inside the manifest, e.g. `pulses[0].delay`. */
  readonly field: string | undefined;

  constructor(
    message: string,
    code: BundleErrorCode,
    where: { readonly file: string; readonly field?: string },
    cause?: unknown,
  ) {
    super(message, code, cause);
    this.file = where.file;
    this.field = where.field;
  }
}

export type CaptureErrorCode =
  /** The page is not served by https or localhost, or the frame may not use the microphone. */
  | "microphone-forbidden"
  /** The person, or a rule of the browser, said no. */
  | "microphone-refused"
  /** No microphone is there, or none fits the constraints. */
  | "microphone-missing"
  /** Another program holds it. */
  | "microphone-busy"
  /** Two seconds of exact zeros: probably muted. */
  | "microphone-silent"
  /** Unplugged or ended while running. The session is paused; `resume()` asks for a microphone again. */
  | "microphone-ended"
  /** The browser keeps the audio context suspended until the person does something. */
  | "context-suspended"
  /** The browser lacks AudioWorklet, or the worklet file could not be loaded. */
  | "worklet-failed";

/** Sound cannot be captured. */
export class CaptureError extends VadError<CaptureErrorCode> {
  override readonly name = "CaptureError";
}

/** A file whose sound cannot be read. */
export class DecodeError extends VadError<"file-undecodable" | "file-empty"> {
  override readonly name = "DecodeError";
}

export type EngineErrorCode =
  /** The browser has no WebAssembly SIMD. */
  | "simd-missing"
  /** The engine's file or its worker could not be loaded. */
  | "engine-unreachable"
  /** A run failed; this session is over, others go on. */
  | "run-failed"
  /** The engine died; `Vad.open` again. */
  | "engine-died";

/** The engine cannot be had, or failed. */
export class EngineError extends VadError<EngineErrorCode> {
  override readonly name = "EngineError";
}

/** Used after `close()` or `stop()`. */
export class ClosedError extends VadError<"closed"> {
  override readonly name = "ClosedError";
}
