import { html, LitElement, type PropertyValues } from "lit";
import { errorNotice } from "../look/notices/error-notice.js";
import { waitingForEngine } from "../look/notices/microphone.js";
import { NoticeBoard } from "../look/notices/notice.js";
import type { AudioOptions } from "../stream/audio/audio-feed.js";
import type { BundleStream } from "../stream/bundle-stream.js";
import { StreamPlot } from "./stream-plot.js";
import { buttonStyles, noticeStyles, stripStyles, tokenStyles, vadStyles } from "./styles.js";

/**
 * `<nnef-stream>`: a bundle that takes sound, live in one element of 100 % × 230 px. Its outputs are drawn
 * as curves, or as bands where a frame has many values.
 *
 * Nothing is fetched and no microphone is opened before the user presses *Listen* or opens a file.
 *
 * @attr bundle URL of the bundle
 * @attr src URL of a sound file to run at once
 * @attr theme `light` or `dark`; by default, the page's
 * @fires result `event.detail` is a `StreamResult`; `error` its detail is `{error}`
 * @csspart strip, controls, button, status, notice
 */
export class NnefStream extends LitElement {
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
    running: { state: true },
    status: { state: true },
  };

  declare bundle: string | undefined;
  declare src: string | undefined;
  /** Folder of engine, worker and worklet, if they are not beside the package. Set it before the first use. */
  assets: string | URL | undefined;

  declare private running: boolean;
  declare private status: string;
  #plot: StreamPlot | undefined;
  #board: NoticeBoard | undefined;
  /** Of the newest run; the next one aborts it. */
  #run = new AbortController();

  constructor() {
    super();
    this.running = false;
    this.status = "Press Listen to use the microphone.";
  }

  /** Runs the model on the microphone until {@link stop}. */
  listen(): Promise<void> {
    return this.#feed({});
  }

  /** Runs the model on a sound file, from its beginning to its end. */
  file(blob: Blob): Promise<void> {
    return this.#feed({ file: blob });
  }

  /** Turns the microphone off. What was drawn stays in view. */
  stop(): void {
    this.#run.abort();
    this.running = false;
    this.#board?.clear();
  }

  protected override render() {
    return html`<div class="strip" part="strip"></div>
      <div class="controls" part="controls">
        <button class="button filled" type="button" part="button" @click=${this.#press}>
          ${this.running ? "Stop" : "Listen"}
        </button>
        <button class="button" type="button" part="button" @click=${this.#choose}>Open a file</button>
        <input type="file" accept="audio/*,.wav" hidden @change=${this.#chosen} />
        <span class="status" part="status" role="status">${this.status}</span>
        <slot></slot>
      </div>`;
  }

  protected override firstUpdated() {
    this.#build();
  }

  protected override updated(changed: PropertyValues<this>) {
    if (changed.has("src") && this.src) void this.#read(this.src);
  }

  override connectedCallback() {
    super.connectedCallback();
    if (this.hasUpdated) this.#build();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.stop();
    this.#plot?.dispose();
    this.#plot = undefined;
  }

  #build() {
    const host = this.renderRoot.querySelector<HTMLElement>(".strip");
    if (!host || this.#plot) return;
    this.#plot = new StreamPlot(host);
    this.#board ??= new NoticeBoard(host);
  }

  #press = () => {
    if (this.running) this.stop();
    else void this.listen();
  };

  #choose = () => this.renderRoot.querySelector("input")?.click();

  #chosen = (event: Event) => {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    // Allows choosing the same file again.
    input.value = "";
    if (file) void this.file(file);
  };

  async #read(src: string) {
    this.#run.abort();
    this.#run = new AbortController();
    const { signal } = this.#run;
    try {
      const response = await fetch(new URL(src, document.baseURI), { signal });
      if (!response.ok)
        throw new Error(`${src} could not be fetched: the server answered ${response.status}`);
      const blob = await response.blob();
      if (!signal.aborted) await this.file(blob);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  async #feed(source: AudioOptions) {
    this.#run.abort();
    this.#run = new AbortController();
    const { signal } = this.#run;
    this.running = true;
    this.status = "";
    this.#board?.show(waitingForEngine);
    let stream: BundleStream | undefined;
    try {
      // The element may stand in a page that never runs it.
      const { openStream } = await import("../stream.js");
      const bundle = new URL(this.bundle ?? "", document.baseURI);
      const assets = this.assets === undefined ? {} : { assets: this.assets };
      stream = await openStream(bundle, { signal, ...assets });
      this.#plot?.start(stream.outputs);
      const feed = await stream.audio({ ...source, signal });
      feed.ended.catch(() => undefined);
      this.#board?.clear();
      for await (const result of stream.results()) {
        this.#plot?.add(result);
        this.dispatchEvent(new CustomEvent("result", { detail: result }));
        const { pulses } = stream.figures;
        if (pulses % 8 === 0) this.status = `${pulses} pulses`;
      }
      await feed.ended;
      const { pulses } = stream.figures;
      this.status = `${pulses} ${pulses === 1 ? "pulse" : "pulses"}`;
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      stream?.close();
      this.#plot?.describe();
      if (signal === this.#run.signal) this.running = false;
    }
  }

  #fail(error: unknown) {
    const again = () => void this.listen();
    const open = () => this.#choose();
    this.#board?.show(errorNotice(error, { listen: again, load: again, resume: again, open }));
    this.dispatchEvent(new CustomEvent("error", { detail: { error } }));
  }
}
