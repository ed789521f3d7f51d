import { NoticeBoard } from "nnef-pulse/look";
import { BundleReading } from "nnef-pulse/reading";
import { fillExcerpt } from "./excerpt.ts";
import { type BuildFigure, type Figure, Lesson } from "./lesson.ts";
import { Presenter } from "./presenter.ts";
import { type Task, TaskView } from "./task.ts";

/** What a walkthrough is made of besides its prose. */
export interface Parts {
  /** By the section's `data-figure`; each is fetched when its section is near. */
  readonly figures: Readonly<Record<string, () => Promise<{ readonly figure: BuildFigure }>>>;
  /** By `data-task`. */
  readonly tasks: (lesson: Lesson) => Readonly<Record<string, Task>>;
}

/** How near a section has to be, in screens, for its figure to be built. */
const NEAR = "60%";
/** Words a minute of careful reading, and minutes a task takes. */
const WORDS = 180;
const TASK_MINUTES = 1.5;

/**
 * Brings a page of prose alive: numbers, excerpts, figures, tasks, presenter, reset.
 *
 * The bundle is `data-bundle` of the body; `?bundle=` puts another of the same site in its place.
 */
export async function startWalkthrough({ figures, tasks }: Parts): Promise<void> {
  const folder = chosenBundle();
  const sections = [...document.querySelectorAll<HTMLElement>("section[data-figure]")];
  const presented = [...document.querySelectorAll<HTMLElement>(".opening, section[data-figure]")];
  new Presenter(presented, document.querySelector("[data-present]"));
  const built = new Map<HTMLElement, Figure>();
  const views: TaskView[] = [];
  document.querySelector("[data-reset]")?.addEventListener("click", () => {
    for (const figure of built.values()) figure.reset();
    for (const view of views) view.reset();
  });
  await made(folder, sections.map(stageOf));
  // Not before: numbers read the bundle when they are made.
  await import("nnef-pulse/elements");
  let lesson: Lesson;
  try {
    const reading = await BundleReading.open(folder);
    lesson = new Lesson(reading, await reading.windows(), folder);
  } catch (error) {
    for (const section of sections) fail(stageOf(section), error, () => location.reload());
    return;
  }
  lesson.say("minutes", minutes(), "counted: words, and tasks");
  for (const place of document.querySelectorAll<HTMLElement>("[data-excerpt]")) {
    void fillExcerpt(place, lesson);
  }
  for (const [name, task] of Object.entries(tasks(lesson))) {
    const place = document.querySelector<HTMLElement>(`[data-task="${name}"]`);
    if (place) views.push(new TaskView(place, task));
  }
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
  for (const section of sections) near.observe(section);

  async function build(section: HTMLElement) {
    const stage = stageOf(section);
    stage.replaceChildren();
    stage.ariaBusy = "true";
    try {
      const load = figures[section.dataset.figure ?? ""];
      if (!load) throw new Error(`no figure is called ${section.dataset.figure}`);
      const { figure } = await load();
      built.set(section, await figure(stage, lesson));
      stage.dataset.live = "";
    } catch (error) {
      fail(stage, error, () => void build(section));
    } finally {
      stage.ariaBusy = null;
    }
  }
}

/** Seconds between questions whether a bundle that is being made is there. */
const ASK_AGAIN = 3;

/** Resolves when the site's own list no longer says that the bundle is being made. */
async function made(folder: string, stages: readonly HTMLElement[]) {
  const url = new URL(folder.endsWith("/") ? folder : `${folder}/`, document.baseURI);
  const id = url.pathname.split("/").at(-2);
  for (;;) {
    const list = await fetch(new URL("../index.json", url), { cache: "no-store" })
      .then((response) => (response.ok ? response.json() : []))
      .catch(() => []);
    const entry = (list as { id: string; state: string }[]).find((each) => each.id === id);
    if (entry?.state !== "building") return;
    for (const stage of stages) stage.dataset.waiting = "The model is being made, on this machine";
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN * 1000));
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

function minutes(): number {
  const prose = document.querySelector("main")?.textContent ?? "";
  const asked = document.querySelectorAll("[data-task]").length;
  return Math.ceil((prose.split(/\s+/).length / WORDS + asked * TASK_MINUTES) / 5) * 5;
}
