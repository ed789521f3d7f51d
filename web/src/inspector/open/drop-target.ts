import type { ReactiveController, ReactiveControllerHost } from "lit";
import { droppedFiles } from "./dropped-files.js";

/** Accepts files dropped on an element, or on the `[data-drop]` ancestor, or anywhere in the page. */
export class DropTarget implements ReactiveController {
  /** Whether files are dragged over it. */
  over = false;
  readonly #host: ReactiveControllerHost & Element;
  readonly #take: (name: string, files: Promise<readonly File[]>) => void;
  #area: Element | undefined;

  /** @param take called with the first file's name and a promise of all files, including those in folders */
  constructor(
    host: ReactiveControllerHost & Element,
    take: (name: string, files: Promise<readonly File[]>) => void,
  ) {
    this.#host = host;
    this.#take = take;
    host.addController(this);
  }

  hostConnected() {
    this.#area = this.#host.closest("[data-drop]") ?? document.documentElement;
    this.#area.addEventListener("dragover", this.#hover);
    this.#area.addEventListener("dragleave", this.#leave);
    this.#area.addEventListener("drop", this.#drop);
  }

  hostDisconnected() {
    this.#area?.removeEventListener("dragover", this.#hover);
    this.#area?.removeEventListener("dragleave", this.#leave);
    this.#area?.removeEventListener("drop", this.#drop);
  }

  #show(over: boolean) {
    if (over === this.over) return;
    this.over = over;
    this.#host.requestUpdate();
  }

  readonly #hover = (event: Event) => {
    if (!(event as DragEvent).dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#show(true);
  };

  readonly #leave = (event: Event) => {
    if (!(event as DragEvent).relatedTarget) this.#show(false);
  };

  readonly #drop = (event: Event) => {
    const { dataTransfer } = event as DragEvent;
    this.#show(false);
    if (!dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.#take(dataTransfer.files[0]?.name ?? "", droppedFiles(dataTransfer));
  };
}
