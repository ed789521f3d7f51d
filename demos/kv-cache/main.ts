import { startWalkthrough } from "../kit/page/walkthrough.ts";
import { tasks } from "./tasks.ts";

void startWalkthrough({
  figures: {
    inputs: () => import("./figures/inputs.ts"),
    padding: () => import("./figures/padding.ts"),
    cache: () => import("./figures/cache.ts"),
    modes: () => import("./figures/modes.ts"),
    time: () => import("./figures/time.ts"),
    stop: () => import("./figures/stop.ts"),
    answers: () => import("./figures/answers.ts"),
    python: () => import("./figures/python.ts"),
  },
  tasks,
});
