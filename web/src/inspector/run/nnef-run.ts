import { html, LitElement } from "lit";

export class NnefRun extends LitElement {
  protected override createRenderRoot() {
    return this;
  }
  protected override render() {
    return html``;
  }
}
