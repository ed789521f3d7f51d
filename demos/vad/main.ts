import { startWalkthrough } from "../kit/page/walkthrough.ts";
import { tasks } from "./tasks.ts";

void startWalkthrough({
  figures: {
    frame: () => import("./figures/frame.ts"),
    threshold: () => import("./figures/threshold.ts"),
    models: () => import("./figures/models.ts"),
    state: () => import("./figures/state.ts"),
    time: () => import("./figures/time.ts"),
    live: () => import("./figures/live.ts"),
    embed: () => import("./figures/embed.ts"),
    python: () => import("./figures/python.ts"),
  },
  tasks,
});
