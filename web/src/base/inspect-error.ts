export type InspectErrorCode =
  /** More bytes, files, nodes or nesting levels than the inspector accepts. */
  | "limit"
  /** The gzip data is missing, truncated or invalid. */
  | "archive-damaged"
  /** The tar headers are inconsistent. */
  | "tar-damaged"
  /** A file name points outside the archive. */
  | "path-unsafe"
  /** No graph.nnef inside. */
  | "graph-missing"
  /** graph.nnef is not UTF-8 text. */
  | "graph-not-text"
  /** The text is not NNEF: see `offset`. */
  | "syntax"
  /** A .dat file is not a tensor, or is truncated. */
  | "tensor-damaged"
  /** A tensor has an item type that the inspector does not decode. */
  | "tensor-unsupported"
  /** No such tensor in the archive. */
  | "tensor-missing"
  /** The file was not found, or its URL is not allowed. */
  | "source"
  /** A worker ended before it answered. */
  | "worker";

/** Position of an error in a text: lines and columns from 1, offsets in UTF-16 units from 0. */
export interface Place {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** Any error of the inspector's reader. Use `code` to tell errors apart, not the message. */
export class InspectError extends Error {
  readonly code: InspectErrorCode;
  /** The file inside the archive, if the error is about one. */
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

/** An error as plain data, for messages between workers and for display. */
export interface Fault {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly file?: string;
  readonly place?: Place;
  /** Messages of its causes, outermost first. */
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

/** Converts anything thrown to a fault. */
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
