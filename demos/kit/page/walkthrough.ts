import { NoticeBoard } from "nnef-pulse/look";
import { minutesFor } from "../build/reading-time.ts";
import { made } from "./bundle-ready.ts";
import { fillExcerpt } from "./excerpt.ts";
import { type BuildFigure, beside, type Figure, Lesson } from "./lesson.ts";
import { Presenter } from "./presenter.ts";
import { type Task, TaskView } from "./task.ts";

/** What a walkthrough is made of besides its prose. */
export interface Parts {
  /** By the section's `data-figure`; each is fetched when its section is near. */
  readonly figures: Readonly<Record<string, () => Promise<{ readonly figure: BuildFigure }>>>;
  /** By `data-task`. */
  readonly tasks: Readonly<Record<string, (lesson: Lesson) => Task | Promise<Task>>>;
}

/** How near a section has to be, in screens, for its figure to be built. */
const NEAR = "60%";

/**
 * Brings a page of prose alive: numbers, excerpts, figures, tasks, presenter, reset.
 *
 * The bundle is `data-bundle` of the body; `?bundle=` puts another of the same site in its place. A
 * section with `data-beside="id"` is about the bundle of that id, which lies beside it.
 */
export async function startWalkthrough({ figures, tasks }: Parts): Promise<void> {
  const folder = chosenBundle();
  for (const place of document.querySelectorAll<HTMLElement>("[data-beside]")) {
    place.dataset.bundle = beside(folder, place.dataset.beside ?? "");
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
  // Before figures and tasks put words of their own in.
  const minutes = minutesFor(
    document.querySelector("main")?.textContent ?? "",
    document.querySelectorAll("[data-task]").length,
  );
  const about = new Set([folder, ...sections.map(folderOf)]);
  const release = heldNumbers();
  await import("nnef-pulse/elements");
  await Promise.all([...about].map(begin));

  /** Once a bundle is there: what is about it. */
  async function begin(bundle: string) {
    const places = sections.filter((section) => folderOf(section) === bundle);
    await made(bundle, places.map(stageOf));
    release(bundle);
    let lesson: Lesson;
    try {
      lesson = await Lesson.about(bundle);
    } catch (error) {
      for (const section of places) fail(stageOf(section), error, () => location.reload());
      return;
    }
    if (bundle === folder) lesson.say("minutes", minutes, "counted: words, and tasks");
    for (const section of places) {
      for (const place of section.querySelectorAll<HTMLElement>("[data-excerpt]")) {
        void fillExcerpt(place, lesson);
      }
      for (const place of section.querySelectorAll<HTMLElement>("[data-task]")) {
        void ask(place, lesson);
      }
      near.observe(section);
    }
  }

  async function ask(place: HTMLElement, lesson: Lesson) {
    const task = tasks[place.dataset.task ?? ""];
    if (!task) throw new Error(`no task is called ${place.dataset.task}`);
    try {
      views.push(new TaskView(place, await task(lesson)));
    } catch (error) {
      fail(place, error, () => void ask(place, lesson));
    }
  }

  async function build(section: HTMLElement) {
    const stage = stageOf(section);
    stage.replaceChildren();
    stage.ariaBusy = "true";
    try {
      const load = figures[section.dataset.figure ?? ""];
      if (!load) throw new Error(`no figure is called ${section.dataset.figure}`);
      const { figure } = await load();
      built.set(section, await figure(stage, await Lesson.about(folderOf(section))));
      stage.dataset.live = "";
    } catch (error) {
      fail(stage, error, () => void build(section));
    } finally {
      stage.ariaBusy = null;
    }
  }
}

/** The bundle asked for, where it is of this site; the page's own else. */
function chosenBundle(): string {
  const own = document.body.dataset.bundle ?? "";
  const asked = new URLSearchParams(location.search).get("bundle");
  const url = new URL(asked ?? own, document.baseURI);
  const folder = asked !== null && url.origin === location.origin ? url.href : own;
  document.body.dataset.bundle = folder;
  return folder;
}

/**
 * Holds back the numbers of the page, which would look for a bundle that may still be being made;
 * gives what lets those about one go.
 */
function heldNumbers(): (bundle: string) => void {
  const numbers = [...document.querySelectorAll("nnef-number:not([path^='page:'])")];
  const paths = new Map(numbers.map((number) => [number, number.getAttribute("path") ?? ""]));
  for (const number of numbers) number.removeAttribute("path");
  return (bundle) => {
    for (const [number, path] of paths) {
      if (folderOf(number) === bundle) number.setAttribute("path", path);
    }
  };
}

/** The bundle a place on the page is about. */
const folderOf = (place: Element): string =>
  place.closest<HTMLElement>("[data-bundle]")?.dataset.bundle ?? "";

function stageOf(section: HTMLElement): HTMLElement {
  const stage = section.querySelector<HTMLElement>(".stage");
  if (!stage) throw new Error(`section ${section.id} has no stage`);
  return stage;
}

function fail(stage: HTMLElement, error: unknown, again: () => void) {
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
