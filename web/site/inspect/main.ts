import "nnef-pulse/inspector";
import { whenMade } from "nnef-pulse/bundle";
import { NoticeBoard, startShell } from "nnef-pulse/look";
import { keepOffline } from "../offline.js";

startShell();
// After what the page is there for: it fetches.
addEventListener("nnef-placed", () => void keepOffline("../"), { once: true });
const inspector = document.querySelector("nnef-inspector");
if (inspector) void open(inspector);

/** Opens what the address asks for, else the page's own bundle, once it is made. */
async function open(inspector: HTMLElementTagNameMap["nnef-inspector"]) {
  const asked = new URLSearchParams(location.search);
  const line = Number(asked.get("line"));
  if (line > 0) inspector.line = line;
  const src = asked.get("src");
  const bundle = asked.get("bundle") ?? document.body.dataset.bundle ?? "";
  await waitFor(src ? new URL(".", new URL(src, document.baseURI)) : bundle);
  // Meanwhile a file may have been opened.
  if (inspector.isRequested) return;
  if (src) inspector.src = src;
  else inspector.bundle = bundle;
}

/** A bundle of this site may still be being made. */
async function waitFor(folder: string | URL) {
  const board = new NoticeBoard(document.querySelector("main") ?? document.body);
  await whenMade(folder, () => {
    if (board.isShown) return;
    const sentence =
      "This model is being made, on the machine that serves this page. It opens by itself.";
    board.show({ tone: "wait", sentence });
  });
  board.clear();
}
