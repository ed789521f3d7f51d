import type { NnefNumber } from "nnef-pulse/elements";
import { BundleReading } from "nnef-pulse/reading";
import { Engine } from "./engine.ts";

/** What a figure works with: one bundle, its engine, and the numbers of the page. */
export class Lesson {
  static readonly #lessons = new Map<string, Promise<Lesson>>();
  readonly reading: BundleReading;
  /** URL of the bundle's folder, relative to the document. */
  readonly folder: string;
  #engine: Promise<Engine> | undefined;

  private constructor(reading: BundleReading, folder: string) {
    this.reading = reading;
    this.folder = folder;
  }

  /**
   * Opens a bundle. Calls with the same folder share one lesson.
   *
   * @param folder URL relative to the document
   * @throws BundleError
   */
  static open(folder: string): Promise<Lesson> {
    const lesson =
      Lesson.#lessons.get(folder) ??
      BundleReading.open(folder).then((reading) => new Lesson(reading, folder));
    Lesson.#lessons.set(folder, lesson);
    lesson.catch(() => Lesson.#lessons.delete(folder));
    return lesson;
  }

  /** Opens the bundle of another id in the same parent folder. @throws BundleError */
  openSibling(id: string): Promise<Lesson> {
    return Lesson.open(siblingFolder(this.folder, id));
  }

  /** The engine with the whole model loaded; created by the first call. @throws TractError */
  engine(): Promise<Engine> {
    this.#engine ??= Engine.start(this.reading).catch((error: unknown) => {
      this.#engine = undefined;
      throw error;
    });
    return this.#engine;
  }

  /**
   * Fills every `<nnef-number path="page:NAME">` of the page.
   *
   * @param source what the value was computed from, shown on hover
   */
  showNumber(name: string, value: number | string, source: string) {
    const text = String(value).replace(/^-/, "−");
    for (const number of document.querySelectorAll<NnefNumber>(
      `nnef-number[path="page:${name}"]`,
    )) {
      number.show(text, source);
    }
  }
}

/** Folder of the bundle `id` in the parent folder of another bundle. */
export function siblingFolder(folder: string, id: string): string {
  const own = new URL(folder.endsWith("/") ? folder : `${folder}/`, document.baseURI);
  return new URL(`../${id}/`, own).href;
}

/** A built figure, as its section sees it. */
export interface Figure {
  /** Restores the initial state. */
  reset(): void;
}

/** Builds a figure into its stage. An error it throws is shown in the stage. */
export type BuildFigure = (stage: HTMLElement, lesson: Lesson) => Figure | Promise<Figure>;
