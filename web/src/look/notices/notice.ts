/** What is said where a result would have stood. */
export interface Notice {
  /** `fault`: it failed; `wait`: it has not happened yet; `ask`: it works, but look at this. */
  readonly tone: "fault" | "wait" | "ask";
  /** What and where, in one sentence. */
  readonly sentence: string;
  /** What to do. */
  readonly action?: { readonly label: string; readonly run: () => void };
  /** A control the person needs here, such as a list of microphones. */
  readonly control?: HTMLElement;
  /** For whoever wants to report it. */
  readonly details?: { readonly code: string; readonly causes: readonly string[] };
}

const signs = { fault: "×", wait: "…", ask: "?" } as const;

/** The one place for notices in a part of a page. `notice.css` styles it. */
export class NoticeBoard {
  readonly #element = document.createElement("div");

  constructor(host: HTMLElement) {
    this.#element.className = "notice";
    this.#element.setAttribute("part", "notice");
    this.#element.hidden = true;
    host.append(this.#element);
  }

  get shown(): boolean {
    return !this.#element.hidden;
  }

  show(notice: Notice) {
    this.#element.dataset.tone = notice.tone;
    this.#element.dataset.code = notice.details?.code ?? "";
    this.#element.role = notice.tone === "fault" ? "alert" : "status";
    this.#element.replaceChildren(
      text("span", "notice-sign", signs[notice.tone], { hidden: true }),
      text("p", "notice-sentence", notice.sentence),
    );
    const row = document.createElement("div");
    row.className = "notice-row";
    if (notice.control) row.append(notice.control);
    if (notice.action) {
      const button = text("button", "button small", notice.action.label) as HTMLButtonElement;
      button.type = "button";
      button.addEventListener("click", notice.action.run);
      row.append(button);
    }
    if (notice.details) row.append(details(notice.details));
    if (row.childElementCount > 0) this.#element.append(row);
    this.#element.hidden = false;
  }

  clear() {
    this.#element.hidden = true;
    this.#element.replaceChildren();
  }
}

function details({ code, causes }: NonNullable<Notice["details"]>): HTMLElement {
  const element = document.createElement("details");
  const report = [code, ...causes].join("\n");
  const copy = text("button", "button small", "Copy") as HTMLButtonElement;
  copy.type = "button";
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(report);
      copy.textContent = "Copied";
    } catch {
      // Without the permission the text can still be selected by hand.
      getSelection()?.selectAllChildren(chain);
    }
  });
  const chain = text("pre", "notice-chain", report);
  chain.tabIndex = 0;
  element.append(text("summary", "", "Details"), chain, copy);
  return element;
}

function text(
  tag: string,
  className: string,
  content: string,
  options?: { hidden: boolean },
): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = content;
  if (options?.hidden) element.setAttribute("aria-hidden", "true");
  return element;
}
