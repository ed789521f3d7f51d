/** What the specs ask of a browser: as much as Puppeteer and WebDriver can both do. */
export interface Tab {
  open(url: string): Promise<void>;
  /** Runs a function in the page; `given` and its result travel as JSON. */
  evaluate<Result, Given = undefined>(
    does: (given: Given) => Result | Promise<Result>,
    given?: Given,
  ): Promise<Result>;
  /**
   * A person's click, which lets sound play, once there is what to click on.
   * @param selector CSS, looked for in the document and in every open shadow root by itself
   * @param text what it says, where the selector fits several
   */
  click(selector: string, text?: string): Promise<void>;
  /** Gives a file input a file. */
  choose(selector: string, file: string): Promise<void>;
  /** Does something inside a frame. */
  within<Result>(frame: string, does: (inside: Tab) => Promise<Result>): Promise<Result>;
}

/** A tab nobody has used, and how to be rid of it. */
export interface OwnTab {
  readonly tab: Tab;
  /** Puts another tab in front of it while something is done elsewhere. */
  hiddenWhile(does: () => Promise<void>): Promise<void>;
  /** What went wrong in its pages and nobody caught; empty too where the browser does not tell. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

export interface Driven {
  /** The browser's own number. */
  version(): Promise<string>;
  /** Bytes that all its processes have for themselves; null where the system does not tell. */
  privateBytes(): number | null;
  newTab(): Promise<OwnTab>;
  close(): Promise<void>;
}
