import type { NnefInspector } from "nnef-pulse/inspector";
import type { Session } from "nnef-pulse/vad";
import { part } from "./view/elements.js";

/** The inspector under the strip, on the model that runs; the stream goes on and can be followed. */
export class Inside {
  #inspector: NnefInspector | undefined;
  #session: Session | undefined;

  /** Opens it on the bundle in the folder `bundle`. */
  async open(bundle: string): Promise<void> {
    const section = part("inside");
    document.body.classList.add("looking");
    section.hidden = false;
    part("leave").focus();
    this.#inspector ??= await this.#load(section);
    if (this.#inspector.bundle !== bundle) this.#inspector.bundle = bundle;
    if (!section.hidden) this.#inspector.heard = this.#session;
  }

  close() {
    part("inside").hidden = true;
    // Nobody looks: the stream need not tell its values.
    if (this.#inspector) this.#inspector.heard = undefined;
    document.body.classList.remove("looking");
    part("look").focus();
  }

  /** `session` is the stream that runs, if one does. */
  follow(session: Session | undefined) {
    this.#session = session;
    if (this.#inspector && !part("inside").hidden) this.#inspector.heard = session;
  }

  /** Fetched when it is first asked for: most visitors never do. */
  async #load(section: HTMLElement): Promise<NnefInspector> {
    await import("./inspector.js");
    const inspector = document.createElement("nnef-inspector");
    inspector.bundles = "./bundles/";
    section.append(inspector);
    return inspector;
  }
}
