import { button, controls, statusLine } from "../../kit/figures/controls.ts";
import { Slider } from "../../kit/figures/slider.ts";
import { countOf } from "../../kit/figures/text.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import type { Verdict } from "../../kit/page/task.ts";
import { createPreview, type Preview } from "../embedding/preview.ts";
import { type Choices, embedMethods } from "../embedding/snippets.ts";
import { findingsOf } from "../findings.ts";
import { AudioSource } from "../model/audio-source.ts";

/** Delay between a change and a new preview. */
const PREVIEW_DELAY_MS = 300;
const THEMES: Readonly<Record<Choices["theme"], string>> = {
  "": "the page’s theme",
  light: "light",
  dark: "dark",
};

/** Code that adds the detector to a page, and a preview of what it does. */
export const figure: BuildFigure = async (stage, lesson) =>
  new EmbedFigure(stage, lesson, await AudioSource.of(lesson));

class EmbedFigure implements Figure {
  readonly #audioSource: AudioSource;
  readonly #embed: URL;
  readonly #buttons: readonly HTMLButtonElement[];
  readonly #sliders: Readonly<Record<Exclude<keyof Choices, "theme">, Slider>>;
  readonly #theme = document.createElement("select");
  readonly #code = document.createElement("code");
  readonly #previewPlace = document.createElement("div");
  readonly #status = statusLine();
  #method = embedMethods[0];
  #preview: Preview | undefined;
  #spans: (readonly [start: number, end: number])[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #requestId = 0;

  constructor(stage: HTMLElement, lesson: Lesson, audioSource: AudioSource) {
    this.#audioSource = audioSource;
    this.#embed = new URL(document.body.dataset.embed ?? "", document.baseURI);
    this.#buttons = embedMethods.map((way) =>
      button(way.name, () => {
        this.#method = way;
        this.#show();
      }),
    );
    const { threshold, minSilenceMs, minSpeechMs } = audioSource.vad.rules;
    const changed = () => this.#changed();
    const ms = (label: string, value: number, max: number) =>
      new Slider({
        label,
        min: 0,
        max,
        step: 50,
        value,
        format: (value) => `${value} ms`,
        onChange: changed,
      });
    this.#sliders = {
      threshold: new Slider({
        label: "threshold",
        min: 0.01,
        max: 0.99,
        step: 0.01,
        value: threshold,
        format: (value) => value.toFixed(2),
        onChange: changed,
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
    this.#previewPlace.className = "preview";
    stage.append(
      controls(...this.#buttons, this.#theme),
      listing,
      ...Object.values(this.#sliders).map(({ element }) => element),
      this.#previewPlace,
      this.#status,
    );
    findingsOf(lesson).preview = (wanted) => this.#verdict(wanted);
    this.#show();
  }

  reset() {
    const { threshold, minSilenceMs, minSpeechMs } = this.#audioSource.vad.rules;
    this.#sliders.threshold.value = threshold;
    this.#sliders.minSilenceMs.value = minSilenceMs;
    this.#sliders.minSpeechMs.value = minSpeechMs;
    this.#theme.value = "";
    this.#method = embedMethods[0];
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

  /** Shows the code and the preview of the selected method. */
  #show() {
    for (const [at, each] of this.#buttons.entries()) {
      each.ariaPressed = String(embedMethods[at] === this.#method);
    }
    this.#showCode();
    void this.#updatePreview();
  }

  #changed() {
    this.#showCode();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#updatePreview(), PREVIEW_DELAY_MS);
  }

  #showCode() {
    this.#code.textContent = this.#method?.snippet(this.#choices, this.#embed) ?? "";
    this.#code.dataset.file = this.#method?.file;
  }

  /** Replaces the preview with one for the current settings, over the sample. */
  async #updatePreview() {
    clearTimeout(this.#timer);
    const requestId = ++this.#requestId;
    const found = (span: readonly [number, number]) => {
      if (requestId !== this.#requestId) return;
      this.#spans.push(span);
      this.#showSpans();
    };
    this.#spans = [];
    this.#showSpans();
    const before = this.#preview;
    this.#preview = undefined;
    await before?.close();
    if (requestId !== this.#requestId || !this.#method) return;
    try {
      const preview = createPreview(this.#method, this.#choices, this.#embed, found);
      this.#preview = preview;
      this.#previewPlace.replaceChildren(preview.element);
      await preview.begin();
    } catch (error) {
      if (requestId === this.#requestId) {
        this.#status.textContent = error instanceof Error ? error.message : String(error);
      }
    }
  }

  #showSpans() {
    const rate = this.#audioSource.vad.sampleRate;
    const times = this.#spans.map(
      ([start, end]) => `${(start / rate).toFixed(2)}–${(end / rate).toFixed(2)} s`,
    );
    const count = countOf(this.#spans.length, "span");
    this.#status.textContent = `The preview found ${count} in the sample${times.length > 0 ? `: ${times.join(", ")}` : ""}.`;
    this.#status.dataset.spans = JSON.stringify(this.#spans);
  }

  #verdict(wanted: number): Verdict {
    const count = this.#spans.length;
    const rate = this.#audioSource.vad.sampleRate;
    const lengths = this.#spans.map(([start, end]) => `${((end - start) / rate).toFixed(2)} s`);
    if (count === wanted) {
      return {
        right: true,
        reason: `It found ${countOf(count, "span")}, ${lengths.join(" and ")} long.`,
      };
    }
    const { minSpeechMs, minSilenceMs } = this.#choices;
    return {
      right: false,
      reason:
        count === 0
          ? `It found no span: with min-speech-ms at ${minSpeechMs}, no sentence is long enough.`
          : `It found ${countOf(count, "span")}, ${lengths.join(", ")} long. A span has to be longer than ${minSpeechMs} ms, and a silence of ${minSilenceMs} ms ends it.`,
    };
  }
}
