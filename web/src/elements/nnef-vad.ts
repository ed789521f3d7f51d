import { html, LitElement, type PropertyValues } from "lit";
import { microphones } from "../capture/devices.js";
import {
  silentNotice,
  waitingForEngine,
  waitingForPermission,
} from "../look/notices/microphone.js";
import { NoticeBoard } from "../look/notices/notice.js";
import { troubleNotice } from "../look/notices/trouble.js";
import { drawSession } from "../look/strip/draw-session.js";
import { Strip } from "../look/strip/strip.js";
import { Take } from "../look/strip/take.js";
import { defaultRules, type SegmenterOptions } from "../segmenter/options.js";
import type { SessionEventType } from "../session/events.js";
import type { Session } from "../session/session.js";
import type { Vad } from "../vad/vad.js";
import type { VadOptions } from "../vad/vad-options.js";
import { OwnVad } from "./own-vad.js";
import { ruleAttributes, ruleProperties, rulesOf } from "./rule-attributes.js";
import { buttonStyles, noticeStyles, stripStyles, tokenStyles, vadStyles } from "./styles.js";

type Activity = "nothing" | "asking" | "loading" | "listening" | "paused" | "reading";

const words: Readonly<Record<Activity, readonly [button: string, status: string]>> = {
  nothing: ["Listen", "Your audio stays in this page."],
  asking: ["Waiting", "Waiting for your permission."],
  loading: ["Waiting", "The engine is on its way."],
  listening: ["Pause", "Listening."],
  paused: ["Go on", "Paused. The microphone is off."],
  reading: ["Listen", "Finding speech."],
};

/** What is told to the page around the element, as events of the same names. */
const told: readonly SessionEventType[] = [
  "speechstart",
  "speechconfirmed",
  "misfire",
  "speechend",
  "probability",
  "drop",
];

/** A strip before anything was heard: ruled for pulses of 32 ms. */
const empty = { sampleRate: 16000, frameSamples: 512, pulseSamples: 512 };

/**
 * `<nnef-vad>`: speech found live, in one element of 100 % × 230 px that holds from 280 px wide.
 *
 * Nothing is fetched and no microphone asked for before the person presses *Listen* or `listen()` is
 * called. Its events carry what the session's do in `event.detail`; they do not bubble.
 *
 * @attr bundle URL of the bundle; without it, the one that ships with the package
 * @attr src URL of a sound file to find the speech of at once
 * @attr threshold, neg-threshold, min-speech-ms, max-speech-ms, min-silence-ms, speech-pad-ms,
 *   min-silence-at-max-speech-ms: the rules of `speechSegments`; without them, the bundle's own
 * @attr theme `light` or `dark`; without it, that of the page
 * @fires speechstart, speechconfirmed, misfire, speechend, probability, drop, error
 * @csspart strip, controls, button, status, threshold, notice
 */
export class NnefVad extends LitElement {
  static override readonly styles = [
    tokenStyles,
    buttonStyles,
    stripStyles,
    noticeStyles,
    vadStyles,
  ];

  static override readonly properties = {
    bundle: { type: String },
    src: { type: String },
    ...ruleProperties,
    activity: { state: true },
    result: { state: true },
  };

  declare bundle: string | undefined;
  declare src: string | undefined;
  declare threshold: number | undefined;
  declare negThreshold: number | undefined;
  declare minSpeechMs: number | undefined;
  declare maxSpeechMs: number | undefined;
  declare minSilenceMs: number | undefined;
  declare speechPadMs: number | undefined;
  declare minSilenceAtMaxSpeechMs: number | undefined;
  /** Where engine, worker and worklet are, when they are not beside the package. Set before the first use. */
  urls: Partial<Pick<VadOptions, "engineUrl" | "workerUrl" | "workletUrl">> = {};

  declare private activity: Activity;
  declare private result: string;
  #strip: Strip | undefined;
  #board: NoticeBoard | undefined;
  readonly #vad = new OwnVad(
    () => ({
      ...this.urls,
      ...rulesOf(this),
      ...(this.bundle && { bundle: new URL(this.bundle, document.baseURI) }),
    }),
    ({ rules }) => {
      if (this.#strip) this.#strip.threshold = rules.threshold;
    },
  );
  #session: Session | undefined;

  constructor() {
    super();
    this.activity = "nothing";
    this.result = "";
  }

  /** Asks for the microphone and listens, to what is said while the engine is on its way too. */
  listen(): Promise<void> {
    return this.#try(async () => {
      await this.#leave();
      this.activity = "asking";
      this.#board?.show(waitingForPermission);
      const { vad, session } = await this.#vad.listen(() => {
        this.activity = "loading";
        this.#board?.show(waitingForEngine);
      });
      if (session.state === "stopped") return;
      this.#board?.clear();
      const take = this.#draw(vad, session);
      this.#strip?.follow(take);
      this.activity = "listening";
    });
  }

  /** SerialQueue the microphone off; {@link resume} goes on. */
  async pause(): Promise<void> {
    await this.#session?.pause();
  }

  resume(): Promise<void> {
    return this.#try(async () => {
      this.#board?.clear();
      await this.#session?.resume();
    });
  }

  /** Ends listening. What was found stays in view. */
  async stop(): Promise<void> {
    await this.#leave();
    this.#session = undefined;
    this.activity = "nothing";
  }

  /** Finds the speech of `blob`. */
  file(blob: Blob): Promise<void> {
    return this.#try(async () => {
      await this.#leave();
      this.activity = "reading";
      const vad = await this.#vad.get();
      const session = vad.file(blob);
      const take = this.#draw(vad, session);
      await new Promise<void>((resolve, reject) => {
        session.addEventListener("error", ({ error, fatal }) => fatal && reject(error));
        session.addEventListener("end", () => resolve());
      });
      this.#board?.clear();
      this.#strip?.show(take);
      this.activity = "nothing";
    });
  }

  protected override render() {
    const [button, status] = words[this.activity];
    return html`<div class="strip" part="strip"></div>
      <div class="controls" part="controls">
        <button class="button filled" type="button" part="button" @click=${this.#press}>
          ${button}
        </button>
        <span class="status" part="status">${this.result || status}</span>
        <slot></slot>
      </div>`;
  }

  protected override firstUpdated() {
    this.#build();
  }

  protected override updated(changed: PropertyValues<this>) {
    const rules = [...ruleAttributes.keys()].filter((name) => changed.has(name));
    if (rules.length > 0) this.#changeRules(rules);
    if (changed.has("src") && this.src) void this.#read(this.src);
  }

  override connectedCallback() {
    super.connectedCallback();
    if (this.hasUpdated) this.#build();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#strip?.dispose();
    this.#strip = undefined;
    this.activity = "nothing";
    this.#session = undefined;
    void this.#vad.close();
  }

  #build() {
    const host = this.renderRoot.querySelector<HTMLElement>(".strip");
    if (!host || this.#strip) return;
    this.#strip = new Strip(host, {
      threshold: this.threshold ?? defaultRules.threshold,
      onThreshold: (threshold) => {
        this.threshold = threshold;
      },
    });
    this.#board ??= new NoticeBoard(host);
    this.#strip.show(new Take(empty));
  }

  #press = () => {
    if (this.activity === "listening") void this.pause();
    else if (this.activity === "paused") void this.resume();
    else if (!this.#waits) void this.listen();
  };

  get #waits(): boolean {
    return this.activity === "asking" || this.activity === "loading";
  }

  /** Ends what runs, and gives up what is waited for. */
  async #leave() {
    if (this.#waits) {
      this.#board?.clear();
      await this.#vad.close();
    }
    await this.#session?.stop();
  }

  #changeRules(names: readonly (keyof SegmenterOptions)[]) {
    if (this.#strip && this.threshold !== undefined) this.#strip.threshold = this.threshold;
    this.#vad.setOptions(() => rulesOf(this, names)).catch((error) => this.#fail(error, false));
  }

  #read(src: string): Promise<void> {
    return this.#try(async () => {
      const response = await fetch(new URL(src, document.baseURI));
      if (!response.ok) throw new Error(`${src} could not be fetched: ${response.status}`);
      await this.file(await response.blob());
    });
  }

  /** Has `session` drawn, told to the page around, and its state shown. */
  #draw(vad: Vad, session: Session): Take {
    this.#session = session;
    this.result = "";
    const take = new Take(vad);
    drawSession(session, take, () => this.#strip?.changed());
    for (const type of told) {
      session.addEventListener(type, ({ detail }) => {
        this.dispatchEvent(new CustomEvent(type, { detail }));
      });
    }
    let count = 0;
    session.addEventListener("speechend", ({ startSeconds, endSeconds }) => {
      count += 1;
      const length = (endSeconds - startSeconds).toFixed(1);
      this.result = `${count} found, the last of ${length} s.`;
      this.#strip?.announce(`Speech of ${length} seconds.`);
    });
    session.addEventListener("statechange", ({ state }) => {
      if (this.#session !== session || this.activity === "reading") return;
      if (state === "running") this.#strip?.resume();
      else this.#strip?.rest();
      this.activity = state === "running" ? "listening" : state === "paused" ? "paused" : "nothing";
      if (state === "paused") this.result = "";
    });
    session.addEventListener("error", async ({ error, fatal }) => {
      // The end of a file is waited for, and its trouble told there.
      if (fatal && this.activity === "reading") return;
      if (error.code !== "microphone-silent") return this.#fail(error, fatal);
      this.#board?.show(silentNotice(session, await microphones()));
      this.#tellError(error, fatal);
    });
    session.addEventListener("recovered", () => this.#board?.clear());
    return take;
  }

  async #try(does: () => Promise<void>) {
    try {
      await does();
    } catch (error) {
      // Given up for something else.
      if (error instanceof DOMException && error.name === "AbortError") return;
      this.activity = "nothing";
      this.#fail(error, true);
    }
  }

  #fail(error: unknown, fatal: boolean) {
    this.#board?.show(
      troubleNotice(error, {
        listen: () => void this.listen(),
        resume: () => void this.resume(),
        load: () => void this.#vad.close().then(() => this.listen()),
      }),
    );
    this.#tellError(error, fatal);
  }

  #tellError(error: unknown, fatal: boolean) {
    this.dispatchEvent(new CustomEvent("error", { detail: { error, fatal } }));
  }
}
