import { NoticeBoard } from "nnef-pulse/look";
import { readingMinutes } from "../build/reading-time.ts";
import { bundleReady } from "./bundle-ready.ts";
import { fillExcerpt } from "./excerpt.ts";
import { type BuildFigure, type Figure, Lesson, siblingFolder } from "./lesson.ts";
import { Presenter } from "./presenter.ts";
import { type Task, TaskView } from "./task.ts";

/** Figures and tasks of a walkthrough. */
export interface WalkthroughParts {
  /** By `data-figure`. A figure's module is fetched when its section comes near. */
  readonly figures: Readonly<Record<string, () => Promise<{ readonly figure: BuildFigure }>>>;
  /** By `data-task`. */
  readonly tasks: Readonly<Record<string, (lesson: Lesson) => Task | Promise<Task>>>;
}

/** Distance in screens at which a section's figure is built. */
const NEAR = "60%";

/**
 * Adds numbers, excerpts, figures, tasks, presentation mode and reset to a page of prose.
 *
 * `data-bundle` of the body names the bundle; `?bundle=` replaces it by another of the same site. A
 * section with `data-beside="ID"` uses the bundle ID in the same parent folder.
 */
export async function startWalkthrough({ figures, tasks }: WalkthroughParts): Promise<void> {
  const folder = chosenBundle();
  for (const place of document.querySelectorAll<HTMLElement>("[data-beside]")) {
    place.dataset.bundle = siblingFolder(folder, place.dataset.beside ?? "");
  }
  const sections = [...document.querySelectorAll<HTMLElement>("section[data-figure]")];
  const presented = [...document.querySelectorAll<HTMLElement>(".opening, section[data-figure]")];
  new Presenter(presented, document.querySelector("[data-present]"));
  const built = new Map<HTMLElement, Figure>();
  const views: TaskView[] = [];
  document.querySelector("[data-reset]")?.addEventListener("click", () => {
    for (const figure of built.values()) figure.reset();
    for (const view of views) view.reset();
  });
  const near = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        void build(target as HTMLElement);
      }
    },
    { rootMargin: `${NEAR} 0px` },
  );
  // Counted before figures and tasks add text.
  const minutes = readingMinutes(
    document.querySelector("main")?.textContent ?? "",
    document.querySelectorAll("[data-task]").length,
  );
  const folders = new Set([folder, ...sections.map(folderOf)]);
  const release = deferNumbers();
  await import("nnef-pulse/elements");
  await Promise.all([...folders].map(begin));

  /** Fills the sections of a bundle once it is built. */
  async function begin(bundle: string) {
    const places = sections.filter((section) => folderOf(section) === bundle);
    await bundleReady(bundle, places.map(stageOf));
    release(bundle);
    let lesson: Lesson;
    try {
      lesson = await Lesson.open(bundle);
    } catch (error) {
      for (const section of places) showError(stageOf(section), error, () => location.reload());
      return;
    }
    if (bundle === folder) lesson.showNumber("minutes", minutes, "counted: words and tasks");
    for (const section of places) {
      for (const place of section.querySelectorAll<HTMLElement>("[data-excerpt]")) {
        void fillExcerpt(place, lesson);
      }
      for (const place of section.querySelectorAll<HTMLElement>("[data-task]")) {
        void showTask(place, lesson);
      }
      near.observe(section);
    }
  }

  async function showTask(place: HTMLElement, lesson: Lesson) {
    const task = tasks[place.dataset.task ?? ""];
    if (!task) throw new Error(`there is no task "${place.dataset.task}"`);
    try {
      views.push(new TaskView(place, await task(lesson)));
    } catch (error) {
      showError(place, error, () => void showTask(place, lesson));
    }
  }

  async function build(section: HTMLElement) {
    const stage = stageOf(section);
    stage.replaceChildren();
    stage.ariaBusy = "true";
    try {
      const load = figures[section.dataset.figure ?? ""];
      if (!load) throw new Error(`there is no figure "${section.dataset.figure}"`);
      const { figure } = await load();
      built.set(section, await figure(stage, await Lesson.open(folderOf(section))));
      stage.dataset.live = "";
    } catch (error) {
      showError(stage, error, () => void build(section));
    } finally {
      stage.ariaBusy = null;
    }
  }
}

/** The bundle of `?bundle=` if it is on this site, else the bundle of the page. */
function chosenBundle(): string {
  const own = document.body.dataset.bundle ?? "";
  const asked = new URLSearchParams(location.search).get("bundle");
  const url = new URL(asked ?? own, document.baseURI);
  const folder = asked !== null && url.origin === location.origin ? url.href : own;
  document.body.dataset.bundle = folder;
  return folder;
}

/**
 * Removes the paths of the page's numbers, because their bundles may still be being built. The returned
 * function restores the paths for one bundle.
 */
function deferNumbers(): (bundle: string) => void {
  const numbers = [...document.querySelectorAll("nnef-number:not([path^='page:'])")];
  const paths = new Map(numbers.map((number) => [number, number.getAttribute("path") ?? ""]));
  for (const number of numbers) number.removeAttribute("path");
  return (bundle) => {
    for (const [number, path] of paths) {
      if (folderOf(number) === bundle) number.setAttribute("path", path);
    }
  };
}

/** The bundle of an element's section. */
const folderOf = (place: Element): string =>
  place.closest<HTMLElement>("[data-bundle]")?.dataset.bundle ?? "";

function stageOf(section: HTMLElement): HTMLElement {
  const stage = section.querySelector<HTMLElement>(".stage");
  if (!stage) throw new Error(`section ${section.id} has no stage`);
  return stage;
}

function showError(stage: HTMLElement, error: unknown, again: () => void) {
  const message = error instanceof Error ? error.message : String(error);
  const { code = "figure", causes = [] } = error as { code?: string; causes?: readonly string[] };
  stage.replaceChildren();
  stage.dataset.failed = "";
  new NoticeBoard(stage).show({
    tone: "fault",
    sentence: `${message.replace(/\.$/, "")}.`,
    action: { label: "Try again", run: again },
    details: { code, causes: causes.length > 0 ? causes : [message] },
  });
}
