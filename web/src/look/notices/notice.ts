/** A message shown in place of a result. */
export interface Notice {
  /** `fault`: an error; `wait`: still pending; `ask`: it works, but needs the user's attention. */
  readonly tone: "fault" | "wait" | "ask";
  /** What happened and where, in one sentence. */
  readonly sentence: string;
  /** What the user can do. */
  readonly action?: { readonly label: string; readonly run: () => void };
  /** A control to show, such as a list of microphones. */
  readonly control?: HTMLElement;
  /** Shown under *Details*, to be copied into a report. */
  readonly details?: { readonly code: string; readonly causes: readonly string[] };
}

const signs = { fault: "×", wait: "…", ask: "?" } as const;

/** Shows one notice at a time in a part of a page. `notice.css` styles it. */
export class NoticeBoard {
  readonly #element = document.createElement("div");

  constructor(host: HTMLElement) {
    this.#element.className = "notice";
    this.#element.setAttribute("part", "notice");
    this.#element.hidden = true;
    host.append(this.#element);
  }

  get isShown(): boolean {
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
      // Without clipboard permission the text is selected instead.
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
