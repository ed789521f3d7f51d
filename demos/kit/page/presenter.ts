/** `P` presents: one section a screen, arrows turn, Escape ends. */
export class Presenter {
  readonly #sections: readonly HTMLElement[];
  readonly #root = document.documentElement;
  #at = 0;

  constructor(sections: readonly HTMLElement[], button: HTMLElement | null) {
    this.#sections = sections;
    button?.addEventListener("click", () => this.#toggle());
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  get on(): boolean {
    return "presenting" in this.#root.dataset;
  }

  #toggle() {
    if (this.on) {
      delete this.#root.dataset.presenting;
      for (const section of this.#sections) delete section.dataset.now;
      this.#sections[this.#at]?.scrollIntoView();
      return;
    }
    // What is nearest the top of the window is where the talk begins.
    const tops = this.#sections.map((each) => Math.abs(each.getBoundingClientRect().top));
    this.#root.dataset.presenting = "";
    this.#turn(tops.indexOf(Math.min(...tops)));
  }

  #turn(to: number) {
    this.#at = Math.max(0, Math.min(this.#sections.length - 1, to));
    this.#sections.forEach((section, at) => {
      if (at === this.#at) section.dataset.now = "";
      else delete section.dataset.now;
    });
    scrollTo(0, 0);
  }

  #key(event: KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    // Keys of a control, an editor or a drawing are its own.
    if (target.closest("input, textarea, select, [role=slider], .cm-editor, nnef-graph")) return;
    if (event.key === "p" || event.key === "P") this.#toggle();
    else if (!this.on) return;
    else if (event.key === "ArrowRight" || event.key === "PageDown") this.#turn(this.#at + 1);
    else if (event.key === "ArrowLeft" || event.key === "PageUp") this.#turn(this.#at - 1);
    else if (event.key === "Escape") this.#toggle();
    else return;
    event.preventDefault();
  }
}
