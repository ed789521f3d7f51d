/** Importing this registers the elements. */
import { defineElements } from "./base/define-elements.js";
import { NnefNumber } from "./elements/nnef-number.js";
import { NnefStream } from "./elements/nnef-stream.js";
import { NnefStrip } from "./elements/nnef-strip.js";
import { NnefVad } from "./elements/nnef-vad.js";

export { ruleAttributes } from "./elements/rule-attributes.js";
export { NnefNumber, NnefStream, NnefStrip, NnefVad };

defineElements({
  "nnef-number": NnefNumber,
  "nnef-stream": NnefStream,
  "nnef-strip": NnefStrip,
  "nnef-vad": NnefVad,
});

declare global {
  interface HTMLElementTagNameMap {
    "nnef-number": NnefNumber;
    "nnef-stream": NnefStream;
    "nnef-strip": NnefStrip;
    "nnef-vad": NnefVad;
  }
}
