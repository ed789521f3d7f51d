/**
 * Runs in the page: the first enabled element that fits, in open shadow roots too. It must not use
 * anything from outside itself.
 *
 * @param selector CSS
 * @param text what the element says, or null for anything
 */
export function find(selector: string, text: string | null): Element | null {
  const search = (root: Document | ShadowRoot): Element | null => {
    for (const element of root.querySelectorAll(selector)) {
      const fits = text === null || element.textContent?.trim() === text;
      if (fits && !(element as HTMLButtonElement).disabled) return element;
    }
    for (const { shadowRoot } of root.querySelectorAll("*")) {
      const found = shadowRoot && search(shadowRoot);
      if (found) return found;
    }
    return null;
  };
  return search(document);
}
