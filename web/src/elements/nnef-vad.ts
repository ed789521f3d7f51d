import { html, LitElement, type PropertyValues } from "lit";
import { microphones } from "../capture/devices.js";
import { errorNotice } from "../look/notices/error-notice.js";
import {
  silentNotice,
  waitingForEngine,
  waitingForPermission,
} from "../look/notices/microphone.js";
import { NoticeBoard } from "../look/notices/notice.js";
import { recordSession } from "../look/strip/record-session.js";
import { StreamRecord } from "../look/strip/stream-record.js";
import { Strip } from "../look/strip/strip.js";
import { defaultRules, type SegmenterOptions } from "../segmenter/options.js";
import type { Session } from "../session/session.js";
import type { Vad } from "../vad/vad.js";
import type { VadOptions } from "../vad/vad-options.js";
import { LazyVad } from "./lazy-vad.js";
import { ruleAttributes, ruleProperties, rulesOf } from "./rule-attributes.js";
import { buttonStyles, noticeStyles, stripStyles, tokenStyles, vadStyles } from "./styles.js";
import { type Activity, emptyFormat, forwardedEvents, labels } from "./vad-status.js";

/**
 * `<nnef-vad>`: live speech detection in one element of 100 % × 230 px, from 280 px width.
 *
 * Nothing is fetched and no microphone is opened before the user presses *Listen* or `listen()` is
 * called. Its events have the session's fields in `event.detail`; they do not bubble.
 *
 * @attr bundle URL of the bundle; by default, the one that ships with the package
 * @attr src URL of a sound file in which to find speech at once
 * @attr threshold, neg-threshold, min-speech-ms, max-speech-ms, min-silence-ms, speech-pad-ms,
 *   min-silence-at-max-speech-ms: the rules of `speechSegments`; by default, those of the bundle
 * @attr theme `light` or `dark`; by default, the page's
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
  /** Where the package's files are, if not beside this module. Set it before the first use. */
  urls: Partial<Pick<VadOptions, "assets" | "engineUrl" | "workerUrl" | "workletUrl">> = {};

  declare private activity: Activity;
  declare private result: string;
  #strip: Strip | undefined;
  #board: NoticeBoard | undefined;
  readonly #vad = new LazyVad(
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
  /** Number of the newest action: older ones give up. */
  #actionId = 0;

  constructor() {
    super();
    this.activity = "nothing";
    this.result = "";
  }

  /** Asks for the microphone and listens; sound captured while the engine loads is processed too. */
  listen(): Promise<void> {
    return this.#run(async (isCurrent) => {
      await this.#endCurrent();
      if (!isCurrent()) return;
      this.activity = "asking";
      this.#board?.show(waitingForPermission);
      const { vad, session } = await this.#vad.listen(() => {
        this.activity = "loading";
        this.#board?.show(waitingForEngine);
      });
      if (!isCurrent() || session.state === "closed") return session.stop();
      this.#board?.clear();
      const record = this.#draw(vad, session);
      this.#strip?.follow(record);
      this.activity = "listening";
    });
  }

  /** Turns the microphone off; {@link resume} turns it on again. */
  async pause(): Promise<void> {
    await this.#session?.pause();
  }

  async resume(): Promise<void> {
    const session = this.#session;
    this.#board?.clear();
    try {
      await session?.resume();
    } catch (error) {
      if (session === this.#session) this.#fail(error, true);
    }
  }

  /** Ends listening. Results stay in view. */
  async stop(): Promise<void> {
    this.#actionId += 1;
    await this.#endCurrent();
    this.#session = undefined;
    this.activity = "nothing";
  }

  /** Finds the speech in `blob`. */
  file(blob: Blob): Promise<void> {
    return this.#run(async (isCurrent) => {
      await this.#endCurrent();
      if (!isCurrent()) return;
      this.activity = "reading";
      const vad = await this.#vad.get();
      if (!isCurrent()) return;
      const session = vad.file(blob);
      const record = this.#draw(vad, session);
      await new Promise<void>((resolve, reject) => {
        session.addEventListener("error", ({ error, fatal }) => fatal && reject(error));
        session.addEventListener("end", () => resolve());
      });
      if (!isCurrent()) return;
      this.#board?.clear();
      this.#strip?.show(record);
      this.activity = "nothing";
    });
  }

  protected override render() {
    const [button, status] = labels[this.activity];
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
    this.#actionId += 1;
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
    this.#strip.show(new StreamRecord(emptyFormat));
  }

  #press = () => {
    if (this.activity === "listening") void this.pause();
    else if (this.activity === "paused") void this.resume();
    else if (!this.#isWaiting) void this.listen();
  };

  get #isWaiting(): boolean {
    return this.activity === "asking" || this.activity === "loading";
  }

  /** Ends the running session, and cancels one that is being opened. */
  async #endCurrent() {
    if (this.#isWaiting) {
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
    return this.#run(async (isCurrent) => {
      const response = await fetch(new URL(src, document.baseURI));
      if (!response.ok)
        throw new Error(`${src} could not be fetched: the server answered ${response.status}`);
      const blob = await response.blob();
      if (isCurrent()) await this.file(blob);
    });
  }

  /** Draws `session`, forwards its events and shows its state. */
  #draw(vad: Vad, session: Session): StreamRecord {
    this.#session = session;
    this.result = "";
    const record = new StreamRecord(vad);
    recordSession(session, record, () => this.#strip?.changed());
    for (const type of forwardedEvents) {
      session.addEventListener(type, ({ detail }) => {
        this.dispatchEvent(new CustomEvent(type, { detail }));
      });
    }
    let count = 0;
    session.addEventListener("speechend", ({ startSeconds, endSeconds }) => {
      count += 1;
      const length = (endSeconds - startSeconds).toFixed(1);
      this.result = `${count} found, the last one ${length} s long.`;
      this.#strip?.announce(`Speech, ${length} seconds.`);
    });
    session.addEventListener("statechange", ({ state }) => {
      if (this.#session !== session || this.activity === "reading") return;
      if (state === "running") this.#strip?.resume();
      else this.#strip?.rest();
      this.activity = state === "running" ? "listening" : state === "paused" ? "paused" : "nothing";
      if (state === "paused") this.result = "";
    });
    session.addEventListener("error", async ({ error, fatal }) => {
      // file() waits for the end and reports the error.
      if (fatal && this.activity === "reading") return;
      if (error.code !== "microphone-silent") return this.#fail(error, fatal);
      this.#board?.show(silentNotice(session, await microphones()));
      this.#dispatchError(error, fatal);
    });
    session.addEventListener("recovered", () => this.#board?.clear());
    return record;
  }

  /** Runs an action in place of the one before. */
  async #run(action: (isCurrent: () => boolean) => Promise<void>) {
    this.#actionId += 1;
    const id = this.#actionId;
    const isCurrent = () => id === this.#actionId;
    try {
      await action(isCurrent);
    } catch (error) {
      if (!isCurrent()) return;
      this.activity = "nothing";
      this.#fail(error, true);
    }
  }

  #fail(error: unknown, fatal: boolean) {
    this.#board?.show(
      errorNotice(error, {
        listen: () => void this.listen(),
        resume: () => void this.resume(),
        load: () => void this.#vad.close().then(() => this.listen()),
      }),
    );
    this.#dispatchError(error, fatal);
  }

  #dispatchError(error: unknown, fatal: boolean) {
    this.dispatchEvent(new CustomEvent("error", { detail: { error, fatal } }));
  }
}
