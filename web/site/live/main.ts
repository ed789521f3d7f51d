import { startShell } from "nnef-pulse/look";
import { keepOffline } from "../offline.js";
import { Conductor } from "./conductor.js";
import { wireControls } from "./controls.js";

startShell();
const conductor = new Conductor();
wireControls(conductor);
await conductor.showRecorded();
await painted();
await conductor.load();
void keepOffline("./");

/** Resolves when what was drawn is on the screen: what comes after it may take the network. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    // A hidden page paints nothing and has nobody waiting for a picture.
    if (document.hidden) resolve();
    else requestAnimationFrame(() => setTimeout(resolve));
  });
}
