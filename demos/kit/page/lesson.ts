import type { NnefNumber } from "nnef-pulse/elements";
import { BundleReading } from "nnef-pulse/reading";
import { Engine } from "./engine.ts";

/** What a figure is told about: one bundle, and the page around it. */
export class Lesson {
  static readonly #known = new Map<string, Promise<Lesson>>();
  readonly reading: BundleReading;
  /** The bundle's folder, as the page names it. */
  readonly folder: string;
  #engine: Promise<Engine> | undefined;

  private constructor(reading: BundleReading, folder: string) {
    this.reading = reading;
    this.folder = folder;
  }

  /**
   * The one lesson about a bundle.
   *
   * @param folder the bundle's, relative to the document
   * @throws BundleError
   */
  static about(folder: string): Promise<Lesson> {
    const lesson =
      Lesson.#known.get(folder) ??
      BundleReading.open(folder).then((reading) => new Lesson(reading, folder));
    Lesson.#known.set(folder, lesson);
    lesson.catch(() => Lesson.#known.delete(folder));
    return lesson;
  }

  /** About another bundle that lies beside this one, by its id. @throws BundleError */
  beside(id: string): Promise<Lesson> {
    return Lesson.about(beside(this.folder, id));
  }

  /** The engine with the whole model in it, fetched when a figure first asks. @throws TractError */
  engine(): Promise<Engine> {
    this.#engine ??= Engine.start(this.reading).catch((error: unknown) => {
      this.#engine = undefined;
      throw error;
    });
    return this.#engine;
  }

  /** Fills `<nnef-number path="page:name">` wherever it stands; `where` says what it was computed from. */
  say(name: string, value: number | string, where: string) {
    const text = String(value).replace(/^-/, "−");
    for (const number of document.querySelectorAll<NnefNumber>(
      `nnef-number[path="page:${name}"]`,
    )) {
      number.show(text, where);
    }
  }
}

/** The folder of a bundle that lies beside another. */
export function beside(folder: string, id: string): string {
  const own = new URL(folder.endsWith("/") ? folder : `${folder}/`, document.baseURI);
  return new URL(`../${id}/`, own).href;
}

/** A figure as its section knows it. */
export interface Figure {
  /** Back to how it began. */
  reset(): void;
}

/** Builds a figure into its place. What it throws is told where it would have stood. */
export type BuildFigure = (stage: HTMLElement, lesson: Lesson) => Figure | Promise<Figure>;
