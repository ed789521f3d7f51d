import { startShell } from "nnef-pulse/look";
import { keepOffline } from "../offline.js";
import { wireControls } from "./controls.js";
import { LivePage } from "./live-page.js";
import { part } from "./view/page-elements.js";

startShell();
const page = new LivePage();
wireControls(page);
await page.showRecorded();
await painted();
await page.load();
void keepOffline("./");
void import("../keep-all.js").then(({ wireKeepAll }) =>
  wireKeepAll(part("keep-all"), part("kept"), "./"),
);
// Loaded after the engine, so that it delays nothing above it.
void import("../walkthroughs/thumbnails.js").then((module) => module.showThumbnails("./sample/"));

/** Resolves after the first paint, so that loading the engine does not delay it. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    // A hidden page is never painted.
    if (document.hidden) resolve();
    else requestAnimationFrame(() => setTimeout(resolve));
  });
}
