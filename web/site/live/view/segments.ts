import { type Clip, Player, save } from "./player.js";

/** A segment in the table; times are seconds of its stream. */
export interface Row {
  readonly start: number;
  /** Absent while the segment is open. */
  readonly end?: number;
  /** Gives the segment's sound, if it is available. */
  readonly clip?: () => Promise<Clip>;
}

/** Older rows are removed, and their sound with them. */
const maxRows = 200;

/** The table of segments: start, length, play, save. */
export class SegmentTable {
  readonly #body: HTMLElement;
  readonly #none: HTMLElement;
  readonly #player = new Player();
  readonly #onPlay: (position: () => number | undefined) => void;
  #rows: { row: Row; element: HTMLTableRowElement }[] = [];
  /** Number of the current stream: only its rows are on the strip. */
  #stream = 0;

  /** @param onPlay called with a function that gives the position in the stream while the sound plays */
  constructor(
    body: HTMLElement,
    none: HTMLElement,
    onPlay: (position: () => number | undefined) => void,
  ) {
    this.#body = body;
    this.#none = none;
    this.#onPlay = onPlay;
  }

  /** Shows exactly `rows`, in order of time. */
  show(rows: readonly Row[]) {
    this.#player.stop();
    this.#rows = rows.map((row) => ({ row, element: this.#element(row) }));
    this.#body.replaceChildren(...this.#rows.map(({ element }) => element));
    this.#none.hidden = rows.length > 0;
  }

  /** Starts the rows of another stream; the present rows stay. */
  startStream() {
    this.#stream += 1;
  }

  /** Adds a confirmed segment on top. */
  add(row: Row) {
    const element = this.#element(row);
    this.#rows.unshift({ row, element });
    this.#body.prepend(element);
    for (const { element } of this.#rows.splice(maxRows)) element.remove();
    this.#none.hidden = true;
  }

  /** Completes the newest segment. */
  complete(row: Row) {
    const newest = this.#rows[0];
    if (!newest || newest.row.end !== undefined) return this.add(row);
    const element = this.#element(row);
    newest.element.replaceWith(element);
    this.#rows[0] = { row, element };
  }

  #element(row: Row): HTMLTableRowElement {
    const element = document.createElement("tr");
    const start = element.insertCell();
    start.textContent = `${row.start.toFixed(2)} s`;
    const length = element.insertCell();
    if (row.end === undefined) {
      length.textContent = "…";
      length.className = "open";
    } else length.textContent = `${(row.end - row.start).toFixed(2)} s`;
    const tools = element.insertCell();
    const { clip } = row;
    if (clip) tools.append(this.#playButton(row, clip), saveButton(row, clip));
    return element;
  }

  #playButton(row: Row, clip: () => Promise<Clip>): HTMLElement {
    const button = bareButton("Play", `Play the segment at ${row.start.toFixed(2)} seconds`);
    const stream = this.#stream;
    button.addEventListener("click", async () => {
      const playing = button.ariaPressed === "true";
      this.#player.stop();
      if (playing) return;
      const sound = await clip();
      button.ariaPressed = "true";
      button.textContent = "Stop";
      void this.#player.play(sound, () => {
        button.ariaPressed = "false";
        button.textContent = "Play";
      });
      this.#onPlay(() => {
        const position = this.#player.position;
        const onStrip = stream === this.#stream;
        return onStrip && button.ariaPressed === "true" && position !== undefined
          ? row.start + position
          : undefined;
      });
    });
    return button;
  }
}

function saveButton(row: Row, clip: () => Promise<Clip>): HTMLElement {
  const button = bareButton("Save", `Save the segment at ${row.start.toFixed(2)} seconds`);
  button.addEventListener("click", async () => {
    save(await clip(), `speech-${row.start.toFixed(2)}s.wav`);
  });
  return button;
}

function bareButton(text: string, label: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small bare";
  button.textContent = text;
  button.ariaLabel = label;
  return button;
}
