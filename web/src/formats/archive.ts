import { InspectError } from "../base/inspect-error.js";
import { READ_LIMITS, type ReadLimits } from "../base/limits.js";
import { readHeader, readValues, type TensorHeader, type Values } from "./dat.js";
import { gunzip, isGzip } from "./gunzip.js";
import { GRAPH, isSingleGraph } from "./single-graph.js";
import { untar } from "./tar.js";

/** Header of one tensor, or the error of reading it. */
export type TensorEntry =
  | { readonly label: string; readonly header: TensorHeader }
  | { readonly label: string; readonly error: InspectError };

/** An open NNEF archive. The text is read at once, values of a tensor on request. */
export class Archive {
  /** Text of graph.nnef. */
  readonly text: string;
  readonly #files: ReadonlyMap<string, Uint8Array>;
  readonly #limits: ReadLimits;

  private constructor(text: string, files: ReadonlyMap<string, Uint8Array>, limits: ReadLimits) {
    this.text = text;
    this.#files = files;
    this.#limits = limits;
  }

  /**
   * Opens a `.nnef.tgz`, a `.nnef.tar`, or the bytes of a graph.nnef alone.
   *
   * @throws InspectError `limit`, `archive-damaged`, `tar-damaged`, `path-unsafe`, `graph-missing`,
   *   `graph-not-text`
   */
  static async open(bytes: Uint8Array, limits: ReadLimits = READ_LIMITS): Promise<Archive> {
    if (bytes.length > limits.archiveBytes) {
      throw new InspectError(
        `the archive exceeds the limit of ${limits.archiveBytes} bytes`,
        "limit",
      );
    }
    const plain = isGzip(bytes) ? await gunzip(bytes, limits) : bytes;
    return Archive.of(
      isSingleGraph(plain) ? new Map([[GRAPH, plain]]) : untar(plain, limits),
      limits,
    );
  }

  /**
   * Opens an unpacked archive from its files by path.
   *
   * @throws InspectError `graph-missing`, `graph-not-text`, `limit`
   */
  static of(files: ReadonlyMap<string, Uint8Array>, limits: ReadLimits = READ_LIMITS): Archive {
    const root = [...files.keys()].find((path) => path === GRAPH || path.endsWith(`/${GRAPH}`));
    const graph = root === undefined ? undefined : files.get(root);
    if (root === undefined || !graph) {
      throw new InspectError("not an NNEF archive: it contains no graph.nnef", "graph-missing");
    }
    if (graph.length > limits.textBytes) {
      throw new InspectError(`graph.nnef exceeds the limit of ${limits.textBytes} bytes`, "limit", {
        file: GRAPH,
      });
    }
    const folder = root.slice(0, root.length - GRAPH.length);
    const inside = new Map<string, Uint8Array>();
    for (const [path, content] of files) {
      if (path.startsWith(folder)) inside.set(path.slice(folder.length), content);
    }
    return new Archive(decoded(graph), inside, limits);
  }

  /** Sizes in bytes by path. */
  get files(): ReadonlyMap<string, number> {
    return new Map([...this.#files].map(([path, content]) => [path, content.length]));
  }

  /** Headers of all tensors, without reading values. */
  tensors(): TensorEntry[] {
    const labels = [...this.#files.keys()].filter((path) => path.endsWith(".dat"));
    return labels.map((path) => {
      const label = path.slice(0, -".dat".length);
      try {
        return { label, header: this.header(label) };
      } catch (error) {
        if (error instanceof InspectError) return { label, error };
        throw error;
      }
    });
  }

  /** @throws InspectError `tensor-missing`, `tensor-damaged`, `tensor-unsupported` */
  header(label: string): TensorHeader {
    return readHeader(this.#bytes(label), `${label}.dat`);
  }

  /** @throws InspectError as `header`, and `limit` */
  values(label: string): Values {
    const bytes = this.#bytes(label);
    const file = `${label}.dat`;
    return readValues(bytes, readHeader(bytes, file), file, this.#limits);
  }

  #bytes(label: string): Uint8Array {
    const bytes = this.#files.get(`${label}.dat`);
    if (bytes) return bytes;
    const file = `${label}.dat`;
    throw new InspectError(`the archive contains no file ${file}`, "tensor-missing", { file });
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new InspectError("graph.nnef is not UTF-8 text", "graph-not-text", {
      file: GRAPH,
      cause: error,
    });
  }
}
