import { InspectorPanel } from "./inspector-panel.js";
import type { Activity, LivePage } from "./live-page.js";
import { part } from "./view/page-elements.js";

const listenLabels: Readonly<Record<Activity, string>> = {
  nothing: "Listen",
  waiting: "Waiting",
  listening: "Pause",
  paused: "Resume",
  sample: "Listen",
};

/** Connects the page's controls with the live page. */
export function wireControls(page: LivePage): void {
  const listen = part<HTMLButtonElement>("listen");
  const play = part<HTMLButtonElement>("play");
  const picker = part<HTMLInputElement>("file");
  const fold = part("fold");

  page.onActivity = (activity) => {
    listen.textContent = listenLabels[activity];
    play.textContent = activity === "sample" ? "Stop the sample" : "Play the sample";
  };
  listen.addEventListener("click", () => page.listenOrPause());
  play.addEventListener("click", () => page.playOrStop());
  part("open").addEventListener("click", () => page.chooseFile());
  part("reset").addEventListener("click", () => page.resetState());
  fold.addEventListener("click", () => {
    fold.ariaExpanded = String(fold.ariaExpanded !== "true");
  });

  const panel = new InspectorPanel();
  page.onSession = (session) => panel.follow(session);
  part("look").addEventListener("click", () => void panel.open(page.bundle));
  part("leave").addEventListener("click", () => panel.close());

  picker.addEventListener("change", () => {
    const file = picker.files?.[0];
    // Allows choosing the same file again.
    picker.value = "";
    if (file) page.openFile(file);
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    // The inspector has handled a model that was dropped on it.
    if (event.defaultPrevented) return;
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) page.openFile(file);
  });
}
