/** Base of all errors of this package. Use class and `code` to tell errors apart, not `message`. */
export class VadError<Code extends string = string> extends Error {
  // Spelt out in each class, because minifiers rename classes.
  override readonly name: string = "VadError";
  readonly code: Code;

  constructor(message: string, code: Code, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }

  /** Messages of this error and its causes, outermost first. */
  get causes(): readonly string[] {
    const chain: string[] = [];
    for (let at: unknown = this; at instanceof Error && chain.length < 16; at = at.cause) {
      chain.push(at.message);
    }
    return chain;
  }
}

/** An unknown option, or an invalid value. */
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
  /** The file's size differs from the manifest's. */
  | "file-cut"
  /** The file's checksum differs from the manifest's. */
  | "file-changed"
  /** The file does not start with the magic bytes of its type. */
  | "file-wrong-kind"
  /** manifest.json is not JSON. */
  | "manifest-unreadable"
  /** manifest.json does not match its schema: see `field`. */
  | "manifest-invalid"
  /** The bundle needs a newer engine. */
  | "engine-too-old"
  /** A valid bundle whose model does not take audio, or does not find speech in it. */
  | "not-for-audio"
  /** The bundle has no pulsed form: it cannot stream. */
  | "no-pulse"
  /** The engine cannot load the model file. */
  | "model-refused";

/** The bundle cannot be fetched, or is invalid. */
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
  /** The page is not served over https or from localhost, or the frame is not allowed to use the microphone. */
  | "microphone-forbidden"
  /** The user or a setting of the browser denied permission. */
  | "microphone-refused"
  /** There is no microphone, or none matches the constraints. */
  | "microphone-missing"
  /** Another program is using the microphone. */
  | "microphone-busy"
  /** The input was exactly zero for two seconds: the microphone is probably muted. */
  | "microphone-silent"
  /** Unplugged or ended while running. The session is paused; `resume()` asks for a microphone again. */
  | "microphone-ended"
  /** The browser keeps the audio context suspended, or its clock stands still, until the user interacts with the page. */
  | "context-suspended"
  /** The stream has no audio track. */
  | "no-audio-track"
  /** The browser lacks AudioWorklet, refuses an audio context, or the worklet file could not be loaded. */
  | "worklet-failed";

/** Sound cannot be captured. */
export class CaptureError extends VadError<CaptureErrorCode> {
  override readonly name = "CaptureError";
}

/** The sound of a file cannot be read. */
export class DecodeError extends VadError<"file-undecodable" | "file-empty"> {
  override readonly name = "DecodeError";
}

export type EngineErrorCode =
  /** The browser has no WebAssembly SIMD. */
  | "simd-missing"
  /** The engine's file or its worker could not be loaded. */
  | "engine-unreachable"
  /** A web page was served where the engine or its worker should be. */
  | "file-is-page"
  /** The environment has no Worker: a server, a test without a browser. */
  | "worker-missing"
  /** The worker's file is of another origin than the page. */
  | "worker-foreign"
  /** The page's content security policy allows no such worker, or no WebAssembly. */
  | "policy-refused"
  /** The page requires Trusted Types, and its policy does not name `nnef-pulse`. */
  | "trusted-types"
  /** The page is a sandboxed frame without an origin. */
  | "sandboxed"
  /** A run failed and ended its session; other sessions continue. */
  | "run-failed"
  /** The engine stopped; call `Vad.open` again. */
  | "engine-died";

/** The engine cannot be loaded, or failed. */
export class EngineError extends VadError<EngineErrorCode> {
  override readonly name = "EngineError";
}

/** Used after `close()` or `stop()`. */
export class ClosedError extends VadError<"closed"> {
  override readonly name = "ClosedError";
}
