import "nnef-pulse/inspector";
import { openBundle, Workspace } from "nnef-pulse/inspector";
import type { BuildFigure } from "../page/lesson.ts";

/** A figure with a Python listing. Opening it loads Python and makes it an editable cell over the bundle. */
export const pythonFigure =
  (code: string): BuildFigure =>
  async (stage, lesson) => {
    const workspace = new Workspace();
    const python = document.createElement("nnef-python");
    const folder = stage.closest<HTMLElement>("[data-python]")?.dataset.python;
    if (folder) python.folder = folder;
    python.code = code;
    python.workspace = workspace;
    // Readable before anything is fetched.
    const listing = document.createElement("pre");
    listing.className = "listing";
    listing.tabIndex = 0;
    listing.textContent = code;
    const open = (now: boolean) => {
      python.open = now;
      listing.hidden = now;
    };
    python.addEventListener("nnef-python-open", () => open(true));
    python.addEventListener("nnef-python-close", () => open(false));
    const frame = document.createElement("div");
    frame.className = "parts";
    frame.append(python, listing);
    stage.append(frame);
    await workspace.open(await openBundle(lesson.folder));
    return {
      reset: () => {
        python.code = code;
      },
    };
  };
