import "nnef-pulse/inspector";
import { openBundle, Workspace } from "nnef-pulse/inspector";
import type { BuildFigure } from "../../kit/page/lesson.ts";

/** The inspector's comparison of the whole and the pulsed model. */
export const figure: BuildFigure = async (stage, lesson) => {
  const workspace = new Workspace();
  const compare = document.createElement("nnef-compare");
  const graph = document.createElement("nnef-graph");
  compare.workspace = workspace;
  const frame = document.createElement("div");
  frame.className = "parts";
  frame.append(compare, graph);
  stage.append(frame);
  frame.addEventListener("nnef-overlay", (event) => {
    const overlay = (event as CustomEvent).detail;
    graph.view = overlay?.view ?? workspace.view;
    graph.overlay = overlay?.marks ?? {};
  });
  frame.addEventListener("nnef-select", (event) => {
    graph.selected = (event as CustomEvent).detail.name;
  });
  await workspace.open(await openBundle(lesson.folder));
  return { reset: () => void workspace.open(workspace.subject ?? raise(), "model.nnef.tgz") };
};

function raise(): never {
  throw new Error("nothing is open");
}
