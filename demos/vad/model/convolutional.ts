import { made } from "../../kit/page/bundle-ready.ts";
import { beside, type Lesson } from "../../kit/page/lesson.ts";

/**
 * The page's second model, once it is made: the one a section names by `data-beside`.
 *
 * @throws BundleError
 */
export async function otherLesson(lesson: Lesson): Promise<Lesson> {
  const id = document.querySelector<HTMLElement>("[data-beside]")?.dataset.beside ?? "";
  await made(beside(lesson.folder, id), []);
  return lesson.beside(id);
}
