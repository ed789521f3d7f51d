/** Registers the elements of the file for a script tag. `<nnef-stream>` is left out, whose engine client would make it a fourth larger. */
import { defineElements } from "../base/define-elements.js";
import { NnefNumber } from "./nnef-number.js";
import { NnefStrip } from "./nnef-strip.js";
import { NnefVad } from "./nnef-vad.js";

export { ruleAttributes } from "./rule-attributes.js";
export { NnefNumber, NnefStrip, NnefVad };

defineElements({ "nnef-number": NnefNumber, "nnef-strip": NnefStrip, "nnef-vad": NnefVad });
