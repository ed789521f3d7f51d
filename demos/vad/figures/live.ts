import { html, render } from "lit";
import type { NnefStrip } from "nnef-pulse/elements";
import { errorNotice, NoticeBoard, waitingForPermission } from "nnef-pulse/look";
import type { Session } from "nnef-pulse/vad";
import { button, controls } from "../../kit/figures/controls.ts";
import type { BuildFigure, Figure } from "../../kit/page/lesson.ts";
import { AudioSource, sampleFile } from "../model/audio-source.ts";

/** What was told, when the page knew it. In seconds of the stream. */
interface Told {
  readonly what: string;
  readonly about: number;
  readonly known: number;
}

/** Rows kept in view. */
const SHOWN = 9;

/** The same model on sound that comes in as it is made: what is told when. */
export const figure: BuildFigure = async (stage, lesson) =>
  new LiveFigure(stage, await AudioSource.of(lesson));

class LiveFigure implements Figure {
  readonly #audioSource: AudioSource;
  readonly #strip: NnefStrip;
  readonly #board: NoticeBoard;
  readonly #list = document.createElement("div");
  readonly #stop: HTMLButtonElement;
  #session: Session | undefined;
  #context: AudioContext | undefined;
  #told: Told[] = [];

  constructor(stage: HTMLElement, audioSource: AudioSource) {
    this.#audioSource = audioSource;
    const listen = button("Listen", () => void this.#listen());
    listen.classList.add("filled");
    this.#stop = button("Stop", () => void this.#end());
    this.#strip = document.createElement("nnef-strip");
    this.#strip.style.height = "220px";
    this.#strip.threshold = audioSource.vad.rules.threshold;
    const box = document.createElement("div");
    box.className = "live";
    box.append(this.#strip);
    this.#board = new NoticeBoard(box);
    this.#list.className = "answers told";
    this.#list.tabIndex = 0;
    this.#list.role = "region";
    this.#list.ariaLabel = "What was told";
    stage.append(
      controls(
        listen,
        button("Play the sample", () => void this.#play()),
        this.#stop,
      ),
      box,
      this.#list,
    );
    // A reader who goes to another page takes the microphone's light with them.
    addEventListener("pagehide", () => void this.#end());
    this.#show();
  }

  reset() {
    void this.#end();
    this.#told = [];
    this.#board.clear();
    this.#show();
  }

  async #listen() {
    this.#board.show(waitingForPermission);
    await this.#run(() => this.#audioSource.vad.listen());
  }

  /** The sample as a stream of real time, also to be heard: what a microphone would send. */
  async #play() {
    await this.#run(async () => {
      const audioContext = new AudioContext();
      this.#context = audioContext;
      const source = audioContext.createBufferSource();
      const bytes = await (await sampleFile()).arrayBuffer();
      source.buffer = await audioContext.decodeAudioData(bytes);
      const capture = audioContext.createMediaStreamDestination();
      source.connect(capture);
      source.connect(audioContext.destination);
      const session = await this.#audioSource.vad.listen({ stream: capture.stream, audioContext });
      source.addEventListener("ended", () => {
        if (this.#session === session) void this.#end();
      });
      source.start();
      return session;
    });
  }

  async #run(start: () => Promise<Session>) {
    await this.#end();
    this.#told = [];
    try {
      const session = await start();
      this.#session = session;
      this.#board.clear();
      this.#strip.follow(session);
      this.#hear(session);
    } catch (error) {
      this.#board.show(errorNotice(error, { listen: () => void this.#listen() }));
      await this.#end();
    }
    this.#show();
  }

  #hear(session: Session) {
    const tell = (what: string, about: number) => {
      const known = session.length / session.sampleRate;
      this.#told = [{ what, about, known }, ...this.#told].slice(0, SHOWN);
      this.#show();
    };
    session.addEventListener("speechstart", ({ startSeconds }) =>
      tell("speechstart", startSeconds),
    );
    session.addEventListener("speechconfirmed", ({ startSeconds }) =>
      tell("speechconfirmed", startSeconds),
    );
    session.addEventListener("misfire", ({ startSeconds }) => tell("misfire", startSeconds));
    session.addEventListener("speechend", ({ endSeconds }) => tell("speechend", endSeconds));
    session.addEventListener("error", ({ error }) => {
      this.#board.show(errorNotice(error, { listen: () => void this.#listen() }));
    });
    session.addEventListener("recovered", () => this.#board.clear());
  }

  async #end() {
    const session = this.#session;
    const context = this.#context;
    this.#session = undefined;
    this.#context = undefined;
    await session?.stop();
    await context?.close();
    if (session) this.#strip.rest();
    this.#show();
  }

  #show() {
    this.#stop.disabled = this.#session === undefined;
    render(
      this.#told.length === 0
        ? html`<p class="muted">${this.#session ? "Nothing told yet." : "Nothing runs. Your audio would stay in this page."}</p>`
        : html`<table>
            <thead>
              <tr><th scope="col">event</th><th scope="col">about</th><th scope="col">told</th><th scope="col">later</th></tr>
            </thead>
            <tbody>
              ${this.#told.map(
                ({ what, about, known }) =>
                  html`<tr><td>${what}</td><td>${about.toFixed(2)} s</td><td>${known.toFixed(2)} s</td><td>${Math.round(1000 * (known - about))} ms</td></tr>`,
              )}
            </tbody>
          </table>`,
      this.#list,
    );
  }
}
