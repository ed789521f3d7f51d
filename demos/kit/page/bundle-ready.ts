import { whenMade } from "nnef-pulse/bundle";

/** Resolves once a bundle is no longer being built. Until then the stages say that it is. */
export function bundleReady(folder: string, stages: readonly HTMLElement[]): Promise<void> {
  return whenMade(folder, () => {
    for (const stage of stages) {
      stage.dataset.waiting = "The model is being made on this machine";
    }
  });
}
