import { LitElement } from "lit";
import { yieldToMain } from "../../base/yield-to-main.js";

/**
 * Base class of the inspector's parts. Each renders in a separate task, because rendering all parts of a large
 * model in one task would block the page.
 */
export class InspectorPart extends LitElement {
  /** Styled by the page's style sheet. */
  protected override createRenderRoot() {
    return this;
  }

  protected override async scheduleUpdate() {
    await yieldToMain();
    super.scheduleUpdate();
  }
}
