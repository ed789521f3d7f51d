import { type Clip, Player } from "./player.js";
import { saveBlob, wavOf } from "./save.js";

/** A segment in the table; times are seconds of its stream. */
export interface Row {
  readonly start: number;
  /** Absent while the segment is open. */
  readonly end?: number;
  /** Gives the segment's sound, if it is available. */
  readonly clip?: () => Promise<Clip>;
}

/** What the table does on the strip. */
export interface StripActions {
  /** Brings a time of the current stream, in seconds, into view. */
  readonly reveal: (seconds: number) => void;
  /** Shows a playback line at `position()`, in seconds, until it returns undefined. */
  readonly play: (position: () => number | undefined) => void;
}

interface Entry {
  row: Row;
  /** Only rows of the current stream are on the strip. */
  readonly stream: number;
}

/** Height of a row in CSS pixels, as in `live.css`. */
const rowHeight = 41;
/** Rows kept outside the visible part, so that scrolling shows no gap. */
const margin = 8;
/** The newest rows keep their sound; the sound of older ones is freed. */
const maxClips = 200;

/** The table of segments: start, length, play, save. Only rows in view are elements of the page. */
export class SegmentTable {
  /** Called when rows were added, removed or completed. */
  onChange: (rows: readonly Row[]) => void = () => undefined;

  readonly #scroller: HTMLElement;
  readonly #body: HTMLElement;
  readonly #none: HTMLElement;
  readonly #strip: StripActions;
  readonly #player = new Player();
  readonly #before = spacer();
  readonly #after = spacer();
  #entries: Entry[] = [];
  #elements = new Map<Entry, HTMLTableRowElement>();
  #playing: Entry | undefined;
  #stream = 0;

  constructor(scroller: HTMLElement, body: HTMLElement, none: HTMLElement, strip: StripActions) {
    this.#scroller = scroller;
    this.#body = body;
    this.#none = none;
    this.#strip = strip;
    body.before(this.#before);
    body.after(this.#after);
    scroller.addEventListener("scroll", () => this.#render());
  }

  /** Shows exactly `rows`, in order of time. */
  show(rows: readonly Row[]) {
    this.#player.stop();
    this.#entries = rows.map((row) => ({ row, stream: this.#stream }));
    this.#elements.clear();
    this.#scroller.scrollTop = 0;
    this.#changed();
  }

  /** Starts the rows of another stream; the present rows stay. */
  startStream() {
    this.#stream += 1;
  }

  /** Adds a confirmed segment on top. */
  add(row: Row) {
    this.#entries.unshift({ row, stream: this.#stream });
    const silent = this.#entries[maxClips];
    if (silent) {
      const { clip: _clip, ...rest } = silent.row;
      this.#replace(silent, rest);
    }
    this.#changed();
  }

  /** Completes the newest segment. */
  complete(row: Row) {
    const newest = this.#entries[0];
    if (!newest || newest.row.end !== undefined) return this.add(row);
    this.#replace(newest, row);
    this.#changed();
  }

  #replace(entry: Entry, row: Row) {
    entry.row = row;
    this.#elements.delete(entry);
  }

  #changed() {
    this.#none.hidden = this.#entries.length > 0;
    this.#render();
    this.onChange(this.#entries.map(({ row }) => row));
  }

  #render() {
    const { scrollTop, clientHeight } = this.#scroller;
    const count = Math.ceil(clientHeight / rowHeight) + 2 * margin;
    const most = Math.max(0, this.#entries.length - count);
    const first = Math.max(0, Math.min(most, Math.floor(scrollTop / rowHeight) - margin));
    const visible = this.#entries.slice(first, first + count);
    const elements = visible.map(
      (entry) => [entry, this.#elements.get(entry) ?? this.#element(entry)] as const,
    );
    this.#elements = new Map(elements);
    this.#before.style.height = `${first * rowHeight}px`;
    this.#after.style.height = `${Math.max(0, this.#entries.length - first - count) * rowHeight}px`;
    const shown = elements.map(([, element]) => element);
    // Moving an element that has the focus would take the focus from it.
    for (const element of [...this.#body.children]) {
      if (!shown.includes(element as HTMLTableRowElement)) element.remove();
    }
    shown.forEach((element, index) => {
      const present = this.#body.children[index];
      if (present !== element) this.#body.insertBefore(element, present ?? null);
    });
  }

  #element(entry: Entry): HTMLTableRowElement {
    const { row } = entry;
    const element = document.createElement("tr");
    const time = `${row.start.toFixed(2)} s`;
    const start = bareButton(time, `Show ${time} on the strip`);
    start.classList.add("segment-start");
    start.addEventListener("click", () => {
      if (entry.stream === this.#stream) this.#strip.reveal(row.start);
    });
    element.insertCell().append(start);
    const length = element.insertCell();
    if (row.end === undefined) {
      length.textContent = "…";
      length.className = "open";
    } else length.textContent = `${(row.end - row.start).toFixed(2)} s`;
    const tools = element.insertCell();
    const { clip } = row;
    if (clip) tools.append(this.#playButton(entry, clip), saveButton(row, clip));
    return element;
  }

  #playButton(entry: Entry, clip: () => Promise<Clip>): HTMLElement {
    const { start } = entry.row;
    const button = bareButton("Play", `Play the segment at ${start.toFixed(2)} seconds`);
    const showPlaying = (playing: boolean) => {
      button.ariaPressed = String(playing);
      button.textContent = playing ? "Stop" : "Play";
    };
    showPlaying(this.#playing === entry);
    button.addEventListener("click", async () => {
      const wasPlaying = this.#playing === entry;
      this.#player.stop();
      if (wasPlaying) return;
      const sound = await clip();
      this.#playing = entry;
      showPlaying(true);
      void this.#player.play(sound, () => {
        this.#playing = undefined;
        this.#elements.delete(entry);
        this.#render();
      });
      this.#strip.play(() => {
        const { position } = this.#player;
        const onStrip = entry.stream === this.#stream && this.#playing === entry;
        return onStrip && position !== undefined ? start + position : undefined;
      });
    });
    return button;
  }
}

function saveButton(row: Row, clip: () => Promise<Clip>): HTMLElement {
  const time = row.start.toFixed(2);
  const button = bareButton("Save", `Save the segment at ${time} seconds`);
  button.addEventListener("click", async () =>
    saveBlob(wavOf(await clip()), `speech-${time}s.wav`),
  );
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

/** Takes the height of the rows that are out of view. */
function spacer(): HTMLTableSectionElement {
  const element = document.createElement("tbody");
  element.ariaHidden = "true";
  return element;
}
