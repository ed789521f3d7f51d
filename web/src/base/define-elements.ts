/** Registers custom elements. On a server there is no registry, and importing them does nothing. */
export function defineElements(elements: Readonly<Record<string, CustomElementConstructor>>): void {
  if (typeof customElements === "undefined") return;
  for (const [name, element] of Object.entries(elements)) {
    // A page may hold two copies of this module, through two script tags or two versions.
    if (!customElements.get(name)) customElements.define(name, element);
  }
}
