/** An element of index.html by its id. */
export function part<Part extends HTMLElement = HTMLElement>(id: string): Part {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element as Part;
}
