import { type Fault, faultOf, InspectError } from "../../base/inspect-error.js";
import { pythonWorker, tractWasm } from "../base/workers.js";
import type { FromPython, PythonFiles, PythonSubject, ToPython } from "./protocol.js";

/** State of Python. */
export type PythonState =
  | { readonly kind: "off" }
  | { readonly kind: "loading"; readonly loaded: number; readonly total: number }
  | { readonly kind: "ready"; readonly version: string; readonly ms: number }
  | { readonly kind: "running"; readonly id: number }
  | { readonly kind: "failed"; readonly fault: Fault };

/** Python in a worker. Without shared memory it cannot be interrupted: stopping terminates the worker. */
export class PythonSession {
  state: PythonState = { kind: "off" };
  readonly #folder: URL;
  readonly #onMessage: (message: FromPython | undefined) => void;
  #files: PythonFiles | undefined;
  #worker: Worker | undefined;
  #subject: PythonSubject | undefined;
  #last = 0;

  /**
   * @param folder of index.json and Pyodide
   * @param onMessage called with every message, and without one after each change of `state`
   */
  constructor(folder: URL, onMessage: (message: FromPython | undefined) => void) {
    this.#folder = folder;
    this.#onMessage = onMessage;
  }

  /** Sizes of the files to load. */
  async files(): Promise<PythonFiles> {
    if (this.#files) return this.#files;
    const url = new URL("index.json", this.#folder);
    const response = await fetch(url);
    if (!response.ok) {
      throw new InspectError(
        `Python is not on this site: ${url.pathname} answers ${response.status}`,
        "source",
      );
    }
    this.#files = (await response.json()) as PythonFiles;
    return this.#files;
  }

  async start() {
    if (this.#worker) return;
    try {
      const files = await this.files();
      const worker = pythonWorker();
      this.#worker = worker;
      this.#set({ kind: "loading", loaded: 0, total: 1 });
      worker.onmessage = ({ data }: MessageEvent<FromPython>) => this.#hear(data);
      worker.onerror = (event) => {
        this.#fail(
          new InspectError(
            `Python ended: ${event.message || "its worker could not be loaded"}`,
            "worker",
          ),
        );
      };
      this.#post({ type: "start", base: this.#folder.href, wasm: tractWasm().href, files });
      if (this.#subject) this.#post({ type: "subject", subject: this.#subject });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Sets the open model, also for workers started later. */
  open(subject: PythonSubject) {
    this.#subject = subject;
    this.#post({ type: "subject", subject });
  }

  run(
    code: string,
    selected: string | undefined,
    colours: Readonly<Record<string, string>>,
  ): number {
    this.#last += 1;
    this.#post({ type: "run", id: this.#last, code, selected, colours });
    this.#set({ kind: "running", id: this.#last });
    return this.#last;
  }

  /** Terminates the worker and starts another; variables are lost. */
  async restart() {
    this.close();
    await this.start();
  }

  close() {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#set({ kind: "off" });
  }

  #post(message: ToPython) {
    this.#worker?.postMessage(message);
  }

  #hear(message: FromPython) {
    if (message.type === "progress") {
      this.state = { kind: "loading", loaded: message.loaded, total: message.total };
    } else if (message.type === "ready") {
      this.state = { kind: "ready", version: message.version, ms: message.ms };
    } else if (message.type === "failed") {
      this.state = { kind: "failed", fault: message.fault };
    } else if (message.type === "done" || message.type === "raised") {
      this.state = { kind: "ready", version: "", ms: message.ms };
    }
    this.#onMessage(message);
  }

  #fail(error: unknown) {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#set({ kind: "failed", fault: faultOf(error) });
  }

  #set(state: PythonState) {
    this.state = state;
    this.#onMessage(undefined);
  }
}
