import { startWalkthrough } from "../form/walkthrough.ts";
import refusal from "./refusal.txt?raw";
import { tasks } from "./tasks.ts";

for (const place of document.querySelectorAll("[data-refusal]")) place.textContent = refusal.trim();

void startWalkthrough({
  figures: {
    draw: () => import("./figures/draw.ts"),
    flow: () => import("./figures/flow.ts"),
    fixed: () => import("./figures/fixed.ts"),
    chain: () => import("./figures/chain.ts"),
    now: () => import("./figures/now.ts"),
    profile: () => import("./figures/profile.ts"),
    batch: () => import("./figures/batch.ts"),
    "held-out": () => import("./figures/held-out.ts"),
  },
  tasks,
});
