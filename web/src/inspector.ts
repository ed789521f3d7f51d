/** Importing this registers the inspector's elements. Styles: `inspector/inspector.css`. */
import { defineElements } from "./base/define-elements.js";
import { NnefCompare } from "./inspector/compare/nnef-compare.js";
import { NnefDetails } from "./inspector/details/nnef-details.js";
import { NnefTensor } from "./inspector/details/nnef-tensor.js";
import { NnefGraph } from "./inspector/graph/nnef-graph.js";
import { NnefInspector } from "./inspector/nnef-inspector.js";
import { NnefPython } from "./inspector/python/nnef-python.js";
import { NnefRun } from "./inspector/run/nnef-run.js";
import { NnefText } from "./inspector/text/nnef-text.js";

export { InspectError, type InspectErrorCode } from "./base/inspect-error.js";
export {
  openBundle,
  openFiles,
  openUrl,
  type Subject,
  single,
} from "./inspector/workspace/subject.js";
export { Workspace } from "./inspector/workspace/workspace.js";
export {
  NnefCompare,
  NnefDetails,
  NnefGraph,
  NnefInspector,
  NnefPython,
  NnefRun,
  NnefTensor,
  NnefText,
};

defineElements({
  "nnef-text": NnefText,
  "nnef-graph": NnefGraph,
  "nnef-tensor": NnefTensor,
  "nnef-details": NnefDetails,
  "nnef-compare": NnefCompare,
  "nnef-run": NnefRun,
  "nnef-python": NnefPython,
  "nnef-inspector": NnefInspector,
});

declare global {
  interface HTMLElementTagNameMap {
    "nnef-text": NnefText;
    "nnef-graph": NnefGraph;
    "nnef-tensor": NnefTensor;
    "nnef-details": NnefDetails;
    "nnef-compare": NnefCompare;
    "nnef-run": NnefRun;
    "nnef-python": NnefPython;
    "nnef-inspector": NnefInspector;
  }
}
