/** Presentation mode: `P` starts and ends it, arrows change the section, Escape ends it. */
export class Presenter {
  readonly #sections: readonly HTMLElement[];
  readonly #root = document.documentElement;
  #current = 0;

  constructor(sections: readonly HTMLElement[], button: HTMLElement | null) {
    this.#sections = sections;
    button?.addEventListener("click", () => this.#toggle());
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  get isOn(): boolean {
    return "presenting" in this.#root.dataset;
  }

  #toggle() {
    if (this.isOn) {
      delete this.#root.dataset.presenting;
      for (const section of this.#sections) delete section.dataset.now;
      this.#sections[this.#current]?.scrollIntoView();
      return;
    }
    // Starts with the section nearest to the top of the window.
    const tops = this.#sections.map((each) => Math.abs(each.getBoundingClientRect().top));
    this.#root.dataset.presenting = "";
    this.#show(tops.indexOf(Math.min(...tops)));
  }

  #show(to: number) {
    this.#current = Math.max(0, Math.min(this.#sections.length - 1, to));
    this.#sections.forEach((section, at) => {
      if (at === this.#current) section.dataset.now = "";
      else delete section.dataset.now;
    });
    scrollTo(0, 0);
  }

  #key(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    // Controls, editors and drawings handle their own keys.
    if (target.closest("input, textarea, select, [role=slider], .cm-editor, nnef-graph")) return;
    if (event.key === "p" || event.key === "P") this.#toggle();
    else if (!this.isOn) return;
    else if (event.key === "ArrowRight" || event.key === "PageDown") this.#show(this.#current + 1);
    else if (event.key === "ArrowLeft" || event.key === "PageUp") this.#show(this.#current - 1);
    else if (event.key === "Escape") this.#toggle();
    else return;
    event.preventDefault();
  }
}
