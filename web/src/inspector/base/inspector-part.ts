import { LitElement } from "lit";
import { yieldToMain } from "../../base/yield-to-main.js";

/**
 * A part of the inspector. It renders in a task of its own: together, all that follows from opening
 * a large model would keep the page from answering.
 */
export class InspectorPart extends LitElement {
  /** The page's own style sheet is what styles it. */
  protected override createRenderRoot() {
    return this;
  }

  protected override async scheduleUpdate() {
    await yieldToMain();
    super.scheduleUpdate();
  }
}
