import type { Activity, Conductor } from "./conductor.js";
import { Inside } from "./inside.js";
import { part } from "./view/elements.js";

const listenWords: Readonly<Record<Activity, string>> = {
  nothing: "Listen",
  waiting: "Waiting",
  listening: "Pause",
  paused: "Go on",
  sample: "Listen",
};

/** Makes the page's buttons do what they say, and say what they do. */
export function wireControls(conductor: Conductor): void {
  const listen = part<HTMLButtonElement>("listen");
  const play = part<HTMLButtonElement>("play");
  const picker = part<HTMLInputElement>("file");
  const fold = part("fold");

  conductor.onActivity = (activity) => {
    listen.textContent = listenWords[activity];
    play.textContent = activity === "sample" ? "Stop the sample" : "Play the sample";
  };
  listen.addEventListener("click", () => conductor.listenOrPause());
  play.addEventListener("click", () => conductor.playOrStop());
  part("open").addEventListener("click", () => conductor.chooseFile());
  part("reset").addEventListener("click", () => conductor.resetState());
  fold.addEventListener("click", () => {
    fold.ariaExpanded = String(fold.ariaExpanded !== "true");
  });

  const inside = new Inside();
  conductor.onSession = (session) => inside.follow(session);
  part("look").addEventListener("click", () => void inside.open(conductor.bundle));
  part("leave").addEventListener("click", () => inside.close());

  picker.addEventListener("change", () => {
    const file = picker.files?.[0];
    // The same file may be chosen again.
    picker.value = "";
    if (file) conductor.openFile(file);
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    // A model dropped on the inspector is the inspector's.
    if (event.defaultPrevented) return;
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (file) conductor.openFile(file);
  });
}
