import { css, html, LitElement, type PropertyValues } from "lit";
import { recordSession, type SessionEventSource } from "../look/strip/record-session.js";
import { type StreamFormat, StreamRecord } from "../look/strip/stream-record.js";
import { Strip } from "../look/strip/strip.js";
import { stripStyles, tokenStyles } from "./styles.js";

/**
 * `<nnef-strip>`: the strip of time alone. Give it a session by {@link follow} or the record of an ended
 * stream by {@link show}. It fills its box, 320 px high by default.
 *
 * @attr threshold 0.01 to 0.99, default 0.5
 * @attr seconds shown from the left to the right edge, default 10
 * @attr theme `light` or `dark`; by default, the page's
 * @fires threshold when the user moves the threshold; `event.detail` is the new value
 * @csspart strip the box; `threshold` the line
 */
export class NnefStrip extends LitElement {
  static override readonly styles = [
    tokenStyles,
    stripStyles,
    css`
      :host {
        display: block;
        height: 320px;
      }
      :host([theme="light"]) {
        color-scheme: light;
      }
      :host([theme="dark"]) {
        color-scheme: dark;
      }
      .strip {
        height: 100%;
      }
    `,
  ];

  static override readonly properties = {
    threshold: { type: Number, reflect: true },
    seconds: { type: Number },
  };

  declare threshold: number;
  declare seconds: number;
  #strip: Strip | undefined;
  /** Draws the last stream or record again after the element was moved in the document. */
  #picture: ((strip: Strip) => void) | undefined;

  constructor() {
    super();
    this.threshold = 0.5;
    this.seconds = 10;
  }

  /** Draws `session` while it runs. */
  follow(session: SessionEventSource & StreamFormat) {
    const record = new StreamRecord(session);
    recordSession(session, record, () => this.#strip?.changed());
    this.#draw((strip) => strip.follow(record));
  }

  /** Stops scrolling, so that the user can look back. */
  rest() {
    this.#strip?.rest();
  }

  /** Continues scrolling. */
  resume() {
    this.#strip?.resume();
  }

  /** Shows the record of a stream that has ended. */
  show(record: StreamRecord) {
    this.#draw((strip) => strip.show(record));
  }

  protected override render() {
    return html`<div class="strip" part="strip"><slot></slot></div>`;
  }

  protected override firstUpdated() {
    this.#build();
  }

  protected override updated(changed: PropertyValues<this>) {
    if (changed.has("threshold") && this.#strip) this.#strip.threshold = this.threshold;
  }

  override connectedCallback() {
    super.connectedCallback();
    if (this.hasUpdated && !this.#strip) this.#build();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#strip?.dispose();
    this.#strip = undefined;
  }

  #build() {
    const host = this.renderRoot.querySelector<HTMLElement>(".strip");
    if (!host) return;
    this.#strip = new Strip(host, {
      seconds: this.seconds,
      threshold: this.threshold,
      onThreshold: (threshold) => {
        this.threshold = threshold;
        this.dispatchEvent(new CustomEvent("threshold", { detail: threshold }));
      },
    });
    this.#picture?.(this.#strip);
  }

  #draw(paint: (strip: Strip) => void) {
    this.#picture = paint;
    if (this.#strip) paint(this.#strip);
  }
}
