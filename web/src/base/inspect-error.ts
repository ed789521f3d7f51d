export type InspectErrorCode =
  /** More bytes, files, nodes or nesting than the inspector will take in. */
  | "limit"
  /** Not gzip, or cut, where gzip was expected. */
  | "archive-damaged"
  /** A tar whose headers do not hold together. */
  | "tar-damaged"
  /** A file name that would leave the archive. */
  | "path-unsafe"
  /** No graph.nnef inside. */
  | "graph-missing"
  /** graph.nnef is not UTF-8 text. */
  | "graph-not-text"
  /** The text is not NNEF: see `offset`. */
  | "syntax"
  /** A .dat file that is not a tensor, or is cut. */
  | "tensor-damaged"
  /** A tensor of a kind the inspector does not decode. */
  | "tensor-unsupported"
  /** No such tensor in the archive. */
  | "tensor-missing"
  /** The server has no such file, or the address may not be read. */
  | "source"
  /** A worker ended before it answered. */
  | "worker";

/** Where in a text an error stands; lines and columns count from 1, offsets from 0 (UTF-16 units). */
export interface Place {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** All the inspector's reader throws. Told apart by `code`, never by the text. */
export class InspectError extends Error {
  readonly code: InspectErrorCode;
  /** File inside the archive, where one is concerned. */
  readonly file: string | undefined;
  readonly place: Place | undefined;

  constructor(
    message: string,
    code: InspectErrorCode,
    where: { readonly file?: string; readonly place?: Place; readonly cause?: unknown } = {},
  ) {
    super(message, where.cause === undefined ? undefined : { cause: where.cause });
    this.name = "InspectError";
    this.code = code;
    this.file = where.file;
    this.place = where.place;
  }
}

/** An error as plain data, to cross a worker's boundary and to be shown. */
export interface Fault {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly file?: string;
  readonly place?: Place;
  /** Messages of what caused it, outermost first, itself not included. */
  readonly causes: readonly string[];
}

function causesOf(error: unknown): string[] {
  const own: unknown = (error as { causes?: unknown }).causes;
  if (Array.isArray(own)) return own.map(String);
  const chain: string[] = [];
  let at: unknown = error instanceof Error ? error.cause : undefined;
  while (at instanceof Error && chain.length < 16) {
    chain.push(at.message);
    at = at.cause;
  }
  return chain;
}

/** Whatever was thrown, as a fault. */
export function faultOf(thrown: unknown): Fault {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { code, file, place } = error as Partial<InspectError>;
  return {
    name: error.name,
    message: error.message,
    code: typeof code === "string" ? code : error.name,
    ...(file === undefined ? {} : { file }),
    ...(place === undefined ? {} : { place }),
    causes: causesOf(error),
  };
}
