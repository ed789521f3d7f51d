import type { NnefInspector } from "nnef-pulse/inspector";
import type { Session } from "nnef-pulse/vad";
import { part } from "./view/page-elements.js";

/** The inspector under the strip, showing the running model. It can follow the running session. */
export class InspectorPanel {
  #inspector: NnefInspector | undefined;
  #session: Session | undefined;

  /** Opens the bundle in the folder `bundle`. */
  async open(bundle: string): Promise<void> {
    const section = part("inside");
    document.body.classList.add("looking");
    section.hidden = false;
    part("leave").focus();
    this.#inspector ??= await this.#load(section);
    if (this.#inspector.bundle !== bundle) this.#inspector.bundle = bundle;
    if (!section.hidden) this.#inspector.session = this.#session;
  }

  close() {
    part("inside").hidden = true;
    // A hidden inspector needs no values from the session.
    if (this.#inspector) this.#inspector.session = undefined;
    document.body.classList.remove("looking");
    part("look").focus();
  }

  /** @param session the running session, if there is one */
  follow(session: Session | undefined) {
    this.#session = session;
    if (this.#inspector && !part("inside").hidden) this.#inspector.session = session;
  }

  /** Loads the inspector at first use. */
  async #load(section: HTMLElement): Promise<NnefInspector> {
    await import("./inspector.js");
    const inspector = document.createElement("nnef-inspector");
    inspector.bundles = "./bundles/";
    section.append(inspector);
    return inspector;
  }
}
