import { connect, type RemoteModel, type RemoteTract } from "tract-wasm/worker";
import { isSingleGraph, tarOf } from "../../formats/single-graph.js";
import { tractWasm } from "../base/workers.js";

/** No call of the inspector takes longer than this on a model it can show. */
const DEADLINE_MS = 120_000;

/** The inspector's own engine, in a worker of its own: started when first needed, and again if it dies. */
export class EngineLink {
  #tract: Promise<RemoteTract> | undefined;

  /**
   * Loads an archive, or the bytes of a graph.nnef that needs no weights.
   *
   * @throws TractError
   */
  async load(archive: Uint8Array): Promise<RemoteModel> {
    const tract = await this.#started();
    try {
      // A copy: what is handed over may be moved to the worker.
      return await tract.load(isSingleGraph(archive) ? tarOf(archive) : archive.slice());
    } catch (error) {
      if ((error as { name?: string }).name === "WorkerError") this.close();
      throw error;
    }
  }

  close() {
    this.#tract?.then((tract) => tract.dispose()).catch(() => {});
    this.#tract = undefined;
  }

  #started(): Promise<RemoteTract> {
    this.#tract ??= connect({ wasm: tractWasm(), deadlineMs: DEADLINE_MS }).catch(
      (error: unknown) => {
        this.#tract = undefined;
        throw error;
      },
    );
    return this.#tract;
  }
}
