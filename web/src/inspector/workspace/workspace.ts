import type { RemoteModel } from "tract-wasm/worker";
import { type Fault, faultOf } from "../../base/inspect-error.js";
import { yieldToMain } from "../../base/yield-to-main.js";
import { Archive } from "../../formats/archive.js";
import { type ModelView, viewOf, withEngine } from "../../model/view.js";
import { checkWeights } from "./check-weights.js";
import { EngineLink } from "./engine-link.js";
import type { Subject } from "./subject.js";

/** The size that streams, and how many frames of it at a time. */
export interface PulseChoice {
  readonly symbol: string;
  readonly pulse: number;
}

/** How far the engine has come with what is shown. */
export type EngineState = "off" | "loading" | "ready" | "failed";

/** What is open, as all parts see it. Plain state; every change is announced as `change`. */
export class Workspace extends EventTarget {
  /** Name of what is on its way; what was open stays until its text is there. */
  opening: string | undefined;
  subject: Subject | undefined;
  /** Name of the archive shown. */
  file: string | undefined;
  bytes: Uint8Array | undefined;
  /** The text, as soon as it is there; it stays when it cannot be parsed. */
  text: string | undefined;
  view: ModelView | undefined;
  /** Why nothing, or not all, is shown. */
  fault: Fault | undefined;
  engine: EngineState = "off";
  engineFault: Fault | undefined;
  /** The shown model in the engine, once `engine` is `ready`. */
  model: RemoteModel | undefined;
  /** The pulse the person chose, for all verbs. */
  choice: PulseChoice | undefined;
  readonly link = new EngineLink();

  #turn = 0;

  /** Shows an archive of a subject: its text first, then its graph, then what the engine adds. */
  async open(subject: Subject, file = subject.archives[0]) {
    const turn = ++this.#turn;
    this.begin(subject.title);
    try {
      const bytes = file === undefined ? undefined : await subject.read(file);
      if (turn !== this.#turn || !bytes) return;
      const archive = await Archive.open(bytes);
      if (turn !== this.#turn) return;
      this.#forget();
      this.#set({ opening: undefined, subject, file, bytes, text: archive.text, view: undefined });
      await yieldToMain();
      const name = subject.archives.length > 1 ? `${subject.title} · ${file}` : subject.title;
      const view = await viewOf(archive, name);
      if (turn !== this.#turn) return;
      this.#set({ view });
      await this.#ask(bytes, turn);
    } catch (error) {
      if (turn === this.#turn) this.fail(error);
    }
  }

  /** Says that something is about to be opened. */
  begin(name: string) {
    this.#set({ opening: name, fault: undefined });
  }

  /** Says what went wrong; what was shown before stays. */
  fail(error: unknown) {
    this.#set({ opening: undefined, fault: faultOf(error) });
  }

  /** Puts away what failed. */
  forgive() {
    this.#set({ fault: undefined });
  }

  close() {
    this.#turn++;
    this.#forget();
    this.link.close();
  }

  async #ask(bytes: Uint8Array, turn: number) {
    this.#set({ engine: "loading" });
    try {
      if (this.view) checkWeights(this.view);
      const model = await this.link.load(bytes);
      const graph = await model.graph();
      const { view } = this;
      if (turn !== this.#turn || !view) {
        model.dispose();
        return;
      }
      this.#set({ engine: "ready", model, view: withEngine(view, graph.nodes) });
    } catch (error) {
      if (turn === this.#turn) this.#set({ engine: "failed", engineFault: faultOf(error) });
    }
  }

  #forget() {
    this.model?.dispose();
    this.#set({ model: undefined, engine: "off", engineFault: undefined });
  }

  #set(changes: Partial<Workspace>) {
    Object.assign(this, changes);
    this.dispatchEvent(new Event("change"));
  }
}
