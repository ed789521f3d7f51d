/** Limits of the reader: an archive is untrusted input. */
export interface ReadLimits {
  /** Bytes of the archive as received. */
  readonly archiveBytes: number;
  /** Bytes after decompression. */
  readonly unpackedBytes: number;
  readonly files: number;
  /** Bytes of graph.nnef. */
  readonly textBytes: number;
  /** Nesting of expressions and types. */
  readonly depth: number;
  /** Nodes of the syntax tree. */
  readonly syntaxNodes: number;
  /** Bytes of one tensor whose values are decoded. */
  readonly tensorBytes: number;
}

/** The engine's limits where it has one, so that whatever it loads can be read. */
export const READ_LIMITS: ReadLimits = {
  archiveBytes: 512 * 2 ** 20,
  unpackedBytes: 2 ** 30,
  files: 100_000,
  textBytes: 16 * 2 ** 20,
  depth: 64,
  syntaxNodes: 2_000_000,
  tensorBytes: 2 ** 30,
};
