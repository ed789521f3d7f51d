/** Importing this registers the elements. */
import { NnefNumber } from "./elements/nnef-number.js";
import { NnefStrip } from "./elements/nnef-strip.js";
import { NnefVad } from "./elements/nnef-vad.js";

export { ruleAttributes } from "./elements/rule-attributes.js";
export { NnefNumber, NnefStrip, NnefVad };

const elements = {
  "nnef-number": NnefNumber,
  "nnef-strip": NnefStrip,
  "nnef-vad": NnefVad,
};
for (const [name, element] of Object.entries(elements)) {
  // A page may hold two copies of this module, through two script tags or two versions.
  if (!customElements.get(name)) customElements.define(name, element);
}

declare global {
  interface HTMLElementTagNameMap {
    "nnef-number": NnefNumber;
    "nnef-strip": NnefStrip;
    "nnef-vad": NnefVad;
  }
}
