import { whenMade } from "nnef-pulse/bundle";

/** Resolves when a bundle is not, or no longer, being made; `stages` say so meanwhile. */
export function made(folder: string, stages: readonly HTMLElement[]): Promise<void> {
  return whenMade(folder, () => {
    for (const stage of stages) stage.dataset.waiting = "The model is being made, on this machine";
  });
}
