import type { RemoteModel } from "tract-wasm/worker";
import { type Fault, faultOf } from "../../base/inspect-error.js";
import { yieldToMain } from "../../base/yield-to-main.js";
import { Archive } from "../../formats/archive.js";
import { type ModelView, viewOf, withEngine } from "../../model/view.js";
import { checkWeights } from "./check-weights.js";
import { EngineLink } from "./engine-link.js";
import type { Subject } from "./subject.js";

/** The symbol to pulse, and the frames per pulse. */
export interface PulseChoice {
  readonly symbol: string;
  readonly pulse: number;
}

/** State of the open model in the engine. */
export type EngineState = "off" | "loading" | "ready" | "failed";

/** The open model, shared by all parts. Plain fields; every change fires `change`. */
export class Workspace extends EventTarget {
  /** Name of the subject that is loading; the previous one stays until its text is there. */
  opening: string | undefined;
  subject: Subject | undefined;
  /** File name of the open archive. */
  file: string | undefined;
  bytes: Uint8Array | undefined;
  /** The text, as soon as it is read; it stays if it cannot be parsed. */
  text: string | undefined;
  view: ModelView | undefined;
  /** The error of opening, if it failed. */
  fault: Fault | undefined;
  engine: EngineState = "off";
  engineFault: Fault | undefined;
  /** The open model in the engine, once `engine` is `ready`. */
  model: RemoteModel | undefined;
  /** The pulse that the user chose, for all verbs. */
  choice: PulseChoice | undefined;
  readonly link = new EngineLink();

  #requestId = 0;

  /** Opens an archive of a subject: first its text, then its graph, then the engine's facts. */
  async open(subject: Subject, file = subject.archives[0]) {
    const requestId = ++this.#requestId;
    this.begin(subject.title);
    try {
      const bytes = file === undefined ? undefined : await subject.read(file);
      if (requestId !== this.#requestId || !bytes) return;
      const archive = await Archive.open(bytes);
      if (requestId !== this.#requestId) return;
      this.#disposeModel();
      this.#set({ opening: undefined, subject, file, bytes, text: archive.text, view: undefined });
      await yieldToMain();
      const name = subject.archives.length > 1 ? `${subject.title} · ${file}` : subject.title;
      const view = await viewOf(archive, name);
      if (requestId !== this.#requestId) return;
      this.#set({ view });
      await this.#loadInEngine(bytes, requestId);
    } catch (error) {
      if (requestId === this.#requestId) this.fail(error);
    }
  }

  /** Announces that a subject is loading. */
  begin(name: string) {
    this.#set({ opening: name, fault: undefined });
  }

  /** Shows an error; the open model stays. */
  fail(error: unknown) {
    this.#set({ opening: undefined, fault: faultOf(error) });
  }

  /** Hides the error. */
  dismissError() {
    this.#set({ fault: undefined });
  }

  close() {
    this.#requestId++;
    this.#disposeModel();
    this.link.close();
  }

  async #loadInEngine(bytes: Uint8Array, requestId: number) {
    this.#set({ engine: "loading" });
    try {
      if (this.view) checkWeights(this.view);
      const model = await this.link.load(bytes);
      const graph = await model.graph();
      const { view } = this;
      if (requestId !== this.#requestId || !view) {
        model.dispose();
        return;
      }
      this.#set({ engine: "ready", model, view: withEngine(view, graph.nodes) });
    } catch (error) {
      if (requestId === this.#requestId)
        this.#set({ engine: "failed", engineFault: faultOf(error) });
    }
  }

  #disposeModel() {
    this.model?.dispose();
    this.#set({ model: undefined, engine: "off", engineFault: undefined });
  }

  #set(changes: Partial<Workspace>) {
    Object.assign(this, changes);
    this.dispatchEvent(new Event("change"));
  }
}
