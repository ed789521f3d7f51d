import { type Fault, InspectError } from "../../../base/inspect-error.js";
import { layoutWorker } from "../../base/workers.js";
import type { Layout, LayoutTask } from "./layout.js";

/** Runs layouts in a worker. A new task or `cancel` ends the current one. */
export class Layouter {
  #worker: Worker | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  /** @throws InspectError `worker` when cancelled, or when the worker fails */
  run(task: LayoutTask): Promise<Layout> {
    this.cancel();
    const worker = layoutWorker();
    this.#worker = worker;
    return new Promise<Layout>((resolve, reject) => {
      this.#reject = reject;
      worker.onmessage = ({ data }: MessageEvent<{ layout?: Layout; fault?: Fault }>) => {
        if (data.layout) resolve(data.layout);
        else reject(new InspectError(data.fault?.message ?? "the layout failed", "worker"));
      };
      worker.onerror = (event) => {
        reject(new InspectError(`the layout failed: ${event.message}`, "worker"));
      };
      worker.postMessage(task);
    }).finally(() => {
      worker.terminate();
      if (this.#worker === worker) this.#worker = undefined;
    });
  }

  cancel() {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#reject?.(new InspectError("the layout was cancelled", "worker"));
    this.#reject = undefined;
  }
}
