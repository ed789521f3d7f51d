/** What the reader takes in before it says no: an archive is untrusted input. */
export interface ReadLimits {
  /** Bytes of the archive as delivered. */
  readonly archiveBytes: number;
  /** Bytes once gunzipped. */
  readonly unpackedBytes: number;
  readonly files: number;
  /** Bytes of graph.nnef. */
  readonly textBytes: number;
  /** Nesting of expressions and types. */
  readonly depth: number;
  /** Nodes of the syntax tree. */
  readonly syntaxNodes: number;
  /** Bytes of one tensor that are decoded to show its values. */
  readonly tensorBytes: number;
}

/** The engine's own limits where it has them, so that what it loads can be read. */
export const READ_LIMITS: ReadLimits = {
  archiveBytes: 512 * 2 ** 20,
  unpackedBytes: 2 ** 30,
  files: 100_000,
  textBytes: 16 * 2 ** 20,
  depth: 64,
  syntaxNodes: 2_000_000,
  tensorBytes: 2 ** 30,
};
