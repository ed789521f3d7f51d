import { connect, type RemoteModel, type RemoteTract } from "tract-wasm/worker";
import { isSingleGraph, tarOf } from "../../formats/single-graph.js";
import { tractWasm } from "../base/workers.js";

/** Time limit of one call of the inspector. */
const DEADLINE_MS = 120_000;

/** The inspector's engine in a worker: started at first use, and again after it failed. */
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
      // A copy, because the bytes may be transferred to the worker.
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
