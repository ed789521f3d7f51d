import { type Clip, Player, save } from "./player.js";

/** A segment as the table shows it, in seconds of its stream. */
export interface Row {
  readonly start: number;
  /** Absent while the segment is still open. */
  readonly end?: number;
  /** The segment's sound, where it can be had. */
  readonly clip?: () => Promise<Clip>;
}

/** Rows kept at most; the sound of older ones is let go. */
const mostRows = 200;

/** The segments found: start, length, play, save. */
export class SegmentTable {
  readonly #body: HTMLElement;
  readonly #none: HTMLElement;
  readonly #player = new Player();
  readonly #played: (position: () => number | undefined) => void;
  #rows: { row: Row; element: HTMLTableRowElement }[] = [];
  /** Counts the streams rows are of: only those of the newest lie on the strip. */
  #stream = 0;

  /** `played` gets where in the stream the sound is, as long as it plays. */
  constructor(
    body: HTMLElement,
    none: HTMLElement,
    played: (position: () => number | undefined) => void,
  ) {
    this.#body = body;
    this.#none = none;
    this.#played = played;
  }

  /** Shows exactly `rows`, in order of time. */
  show(rows: readonly Row[]) {
    this.#player.stop();
    this.#rows = rows.map((row) => ({ row, element: this.#element(row) }));
    this.#body.replaceChildren(...this.#rows.map(({ element }) => element));
    this.#none.hidden = rows.length > 0;
  }

  /** Leaves the rows there are to a stream that is over; those to come are of another. */
  keep() {
    this.#stream += 1;
  }

  /** A segment became certain: it stands on top. */
  add(row: Row) {
    const element = this.#element(row);
    this.#rows.unshift({ row, element });
    this.#body.prepend(element);
    for (const { element } of this.#rows.splice(mostRows)) element.remove();
    this.#none.hidden = true;
  }

  /** The newest segment is now known to its end. */
  close(row: Row) {
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
      this.#played(() => {
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
