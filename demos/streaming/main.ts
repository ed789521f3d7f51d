import { startWalkthrough } from "../kit/page/walkthrough.ts";
import refusal from "./bidirectional/refusal.txt?raw";
import { tasks } from "./tasks.ts";

for (const place of document.querySelectorAll("[data-refusal]")) place.textContent = refusal.trim();

void startWalkthrough({
  figures: {
    seam: () => import("./figures/seam.ts"),
    sizes: () => import("./figures/sizes.ts"),
    field: () => import("./figures/field.ts"),
    pulse: () => import("./figures/pulse.ts"),
    changes: () => import("./figures/changes.ts"),
    delay: () => import("./figures/delay.ts"),
    state: () => import("./figures/state.ts"),
    backward: () => import("./figures/bidirectional.ts"),
    python: () => import("./figures/python.ts"),
  },
  tasks,
});
