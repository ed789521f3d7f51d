import { css, html, LitElement, type PropertyValues } from "lit";
import { drawSession, type Tells } from "../look/strip/draw-session.js";
import { Strip } from "../look/strip/strip.js";
import { Take, type TakeFormat } from "../look/strip/take.js";
import { stripStyles, tokenStyles } from "./styles.js";

/**
 * `<nnef-strip>`: the strip of time, alone. Give it a session by {@link follow} or a finished take
 * by {@link show}. It is as large as its box (320 px high by itself).
 *
 * @attr threshold 0.01 to 0.99, default 0.5
 * @attr seconds from its left to its right edge, default 10
 * @attr theme `light` or `dark`; without it, that of the page
 * @fires threshold when the person moves the threshold; `event.detail` is the new one
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
  /** Draws what was asked for last, again where the element was moved to another place of the page. */
  #picture: ((strip: Strip) => void) | undefined;

  constructor() {
    super();
    this.threshold = 0.5;
    this.seconds = 10;
  }

  /** Draws `session` as it runs: what is heard enters at *now*. */
  follow(session: Tells & TakeFormat) {
    const take = new Take(session);
    drawSession(session, take, () => this.#strip?.changed());
    this.#draw((strip) => strip.follow(take));
  }

  /** The stream stands still. */
  rest() {
    this.#strip?.rest();
  }

  /** The stream goes on. */
  resume() {
    this.#strip?.resume();
  }

  /** Puts down a finished take. */
  show(take: Take) {
    this.#draw((strip) => strip.show(take));
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

  #draw(does: (strip: Strip) => void) {
    this.#picture = does;
    if (this.#strip) does(this.#strip);
  }
}
