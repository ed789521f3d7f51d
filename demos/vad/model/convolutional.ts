import { bundleReady } from "../../kit/page/bundle-ready.ts";
import { type Lesson, siblingFolder } from "../../kit/page/lesson.ts";

/**
 * Opens the bundle of the page's convolutional model, once it is built. A section names it by `data-beside`.
 *
 * @throws BundleError
 */
export async function openConvolutionalLesson(lesson: Lesson): Promise<Lesson> {
  const id = document.querySelector<HTMLElement>("[data-beside]")?.dataset.beside ?? "";
  await bundleReady(siblingFolder(lesson.folder, id), []);
  return lesson.openSibling(id);
}
