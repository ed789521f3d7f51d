import { button, controls, status } from "../../kit/figures/controls.ts";
import { Slider } from "../../kit/figures/slider.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import type { Verdict } from "../../kit/page/task.ts";
import { type Preview, previewOf } from "../embedding/preview.ts";
import { type Choices, ways } from "../embedding/snippets.ts";
import { knownOf } from "../findings.ts";
import { Ear } from "../model/audio-source.ts";

/** How long a hand rests before the preview is made anew. */
const REST_MS = 300;
const THEMES: Readonly<Record<Choices["theme"], string>> = {
  "": "the page’s theme",
  light: "light",
  dark: "dark",
};

/** The ways into a page of one's own: what is written there, and what it then does. */
export const figure: BuildFigure = async (stage, lesson) =>
  new Embed(stage, lesson, await Ear.of(lesson));

class Embed implements Figure {
  readonly #ear: Ear;
  readonly #embed: URL;
  readonly #buttons: readonly HTMLButtonElement[];
  readonly #sliders: Readonly<Record<Exclude<keyof Choices, "theme">, Slider>>;
  readonly #theme = document.createElement("select");
  readonly #code = document.createElement("code");
  readonly #place = document.createElement("div");
  readonly #said = status();
  #way = ways[0];
  #preview: Preview | undefined;
  #spans: (readonly [start: number, end: number])[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  constructor(stage: HTMLElement, lesson: Lesson, ear: Ear) {
    this.#ear = ear;
    this.#embed = new URL(document.body.dataset.embed ?? "", document.baseURI);
    this.#buttons = ways.map((way) =>
      button(way.name, () => {
        this.#way = way;
        this.#show();
      }),
    );
    const { threshold, minSilenceMs, minSpeechMs } = ear.vad.rules;
    const changed = () => this.#changed();
    const ms = (label: string, value: number, max: number) =>
      new Slider({
        label,
        min: 0,
        max,
        step: 50,
        value,
        shown: (shown) => `${shown} ms`,
        moved: changed,
      });
    this.#sliders = {
      threshold: new Slider({
        label: "threshold",
        min: 0.01,
        max: 0.99,
        step: 0.01,
        value: threshold,
        shown: (shown) => shown.toFixed(2),
        moved: changed,
      }),
      minSilenceMs: ms("min-silence-ms", minSilenceMs, 2000),
      minSpeechMs: ms("min-speech-ms", minSpeechMs, 4000),
    };
    this.#theme.className = "entry theme";
    this.#theme.ariaLabel = "theme";
    this.#theme.append(...Object.entries(THEMES).map(([value, name]) => new Option(name, value)));
    this.#theme.addEventListener("change", changed);
    const listing = document.createElement("pre");
    listing.className = "listing";
    listing.tabIndex = 0;
    listing.role = "region";
    listing.ariaLabel = "What to write";
    listing.append(this.#code);
    this.#place.className = "preview";
    stage.append(
      controls(...this.#buttons, this.#theme),
      listing,
      ...Object.values(this.#sliders).map(({ element }) => element),
      this.#place,
      this.#said,
    );
    knownOf(lesson).preview = (wanted) => this.#verdict(wanted);
    this.#show();
  }

  reset() {
    const { threshold, minSilenceMs, minSpeechMs } = this.#ear.vad.rules;
    this.#sliders.threshold.value = threshold;
    this.#sliders.minSilenceMs.value = minSilenceMs;
    this.#sliders.minSpeechMs.value = minSpeechMs;
    this.#theme.value = "";
    this.#way = ways[0];
    this.#show();
  }

  get #choices(): Choices {
    const { threshold, minSilenceMs, minSpeechMs } = this.#sliders;
    return {
      threshold: threshold.value,
      minSilenceMs: minSilenceMs.value,
      minSpeechMs: minSpeechMs.value,
      theme: this.#theme.value as Choices["theme"],
    };
  }

  /** Another way: its text and its preview. */
  #show() {
    for (const [at, each] of this.#buttons.entries()) {
      each.ariaPressed = String(ways[at] === this.#way);
    }
    this.#write();
    void this.#make();
  }

  #changed() {
    this.#write();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#make(), REST_MS);
  }

  #write() {
    this.#code.textContent = this.#way?.snippet(this.#choices, this.#embed) ?? "";
    this.#code.dataset.file = this.#way?.file;
  }

  /** The preview by the controls as they stand, over the sample. */
  async #make() {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const found = (span: readonly [number, number]) => {
      if (turn !== this.#turn) return;
      this.#spans.push(span);
      this.#tell();
    };
    this.#spans = [];
    this.#tell();
    const before = this.#preview;
    this.#preview = undefined;
    await before?.close();
    if (turn !== this.#turn || !this.#way) return;
    try {
      const preview = previewOf(this.#way, this.#choices, this.#embed, found);
      this.#preview = preview;
      this.#place.replaceChildren(preview.element);
      await preview.begin();
    } catch (error) {
      if (turn === this.#turn) {
        this.#said.textContent = error instanceof Error ? error.message : String(error);
      }
    }
  }

  #tell() {
    const rate = this.#ear.vad.sampleRate;
    const times = this.#spans.map(
      ([start, end]) => `${(start / rate).toFixed(2)}–${(end / rate).toFixed(2)} s`,
    );
    const count = `${this.#spans.length} ${this.#spans.length === 1 ? "span" : "spans"}`;
    this.#said.textContent = `The preview has told of ${count} in the sample${times.length > 0 ? `: ${times.join(", ")}` : ""}.`;
    this.#said.dataset.spans = JSON.stringify(this.#spans);
  }

  #verdict(wanted: number): Verdict {
    const count = this.#spans.length;
    const rate = this.#ear.vad.sampleRate;
    const lengths = this.#spans.map(([start, end]) => `${((end - start) / rate).toFixed(2)} s`);
    if (count === wanted) {
      return { right: true, reason: `${count} told of, ${lengths.join(" and ")} long.` };
    }
    const { minSpeechMs, minSilenceMs } = this.#choices;
    return {
      right: false,
      reason:
        count === 0
          ? `None was told of: with min-speech-ms at ${minSpeechMs}, no sentence is long enough.`
          : `${count} were told of, ${lengths.join(", ")} long. They count when longer than ${minSpeechMs} ms, and a silence of ${minSilenceMs} ms parts them.`,
    };
  }
}
