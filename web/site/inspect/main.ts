import "nnef-pulse/inspector";
import { startShell } from "nnef-pulse/look";

/** What the page opens when its address names nothing. */
const SITE_BUNDLE = "../bundles/silero-vad/";

startShell();
const asked = new URLSearchParams(location.search);
const inspector = document.querySelector("nnef-inspector");
if (inspector) {
  const line = Number(asked.get("line"));
  if (line > 0) inspector.line = line;
  const src = asked.get("src");
  if (src) inspector.src = src;
  else inspector.bundle = asked.get("bundle") ?? SITE_BUNDLE;
}
