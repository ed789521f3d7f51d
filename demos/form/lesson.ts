import type { NnefNumber } from "nnef-pulse/elements";
import type { BundleReading, Window } from "nnef-pulse/reading";
import { Engine } from "./engine.ts";

/** What a figure is told about: one bundle, and the page around it. */
export class Lesson {
  readonly reading: BundleReading;
  readonly windows: readonly Window[];
  /** The bundle's folder, as the page names it. */
  readonly folder: string;
  readonly #page: ParentNode;
  #engine: Promise<Engine> | undefined;

  constructor(
    reading: BundleReading,
    windows: readonly Window[],
    folder: string,
    page: ParentNode = document,
  ) {
    this.reading = reading;
    this.windows = windows;
    this.folder = folder;
    this.#page = page;
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
    for (const number of this.#page.querySelectorAll<NnefNumber>(
      `nnef-number[path="page:${name}"]`,
    )) {
      number.show(text, where);
    }
  }
}

/** A figure as its section knows it. */
export interface Figure {
  /** Back to how it began. */
  reset(): void;
}

/** Builds a figure into its place. What it throws is told where it would have stood. */
export type BuildFigure = (stage: HTMLElement, lesson: Lesson) => Figure | Promise<Figure>;
