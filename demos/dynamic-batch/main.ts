import { startWalkthrough } from "../kit/page/walkthrough.ts";
import refusal from "./refusal.txt?raw";
import { tasks } from "./tasks.ts";

for (const place of document.querySelectorAll("[data-refusal]")) place.textContent = refusal.trim();

void startWalkthrough({
  figures: {
    draw: () => import("./figures/draw.ts"),
    flow: () => import("./figures/symbol-flow.ts"),
    fixed: () => import("./figures/fixed-export.ts"),
    chain: () => import("./figures/reshape-sizes.ts"),
    now: () => import("./figures/two-plans.ts"),
    profile: () => import("./figures/profile.ts"),
    batch: () => import("./figures/batch-time.ts"),
    "held-out": () => import("./figures/held-out.ts"),
  },
  tasks,
});
