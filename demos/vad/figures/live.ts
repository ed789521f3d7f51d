import { html, render } from "lit";
import type { NnefStrip } from "nnef-pulse/elements";
import { errorNotice, NoticeBoard, waitingForPermission } from "nnef-pulse/look";
import type { Session } from "nnef-pulse/vad";
import { button, controls } from "../../kit/figures/controls.ts";
import type { BuildFigure, Figure } from "../../kit/page/lesson.ts";
import { AudioSource, sampleFile } from "../model/audio-source.ts";

/** An event of the session. Times in seconds of the stream. */
interface ReceivedEvent {
  readonly type: string;
  /** The moment it is about. */
  readonly about: number;
  readonly received: number;
}

/** Largest number of rows. */
const SHOWN = 9;

/** Runs the model on live sound, and lists its events with their times. */
export const figure: BuildFigure = async (stage, lesson) =>
  new LiveFigure(stage, await AudioSource.of(lesson));

class LiveFigure implements Figure {
  readonly #audioSource: AudioSource;
  readonly #strip: NnefStrip;
  readonly #board: NoticeBoard;
  readonly #list = document.createElement("div");
  readonly #stop: HTMLButtonElement;
  #session: Session | undefined;
  /** Of the session that runs or is being opened. */
  #action = new AbortController();
  #context: AudioContext | undefined;
  #events: ReceivedEvent[] = [];

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
    this.#list.className = "answers events";
    this.#list.tabIndex = 0;
    this.#list.role = "region";
    this.#list.ariaLabel = "Events";
    stage.append(
      controls(
        listen,
        button("Play the sample", () => void this.#play()),
        this.#stop,
      ),
      box,
      this.#list,
    );
    // Turns the microphone off when the reader leaves the page.
    addEventListener("pagehide", () => void this.#end());
    this.#show();
  }

  reset() {
    void this.#end();
    this.#events = [];
    this.#board.clear();
    this.#show();
  }

  async #listen() {
    this.#board.show(waitingForPermission);
    await this.#run((signal) => this.#audioSource.vad.listen({ signal }));
  }

  /** Plays the sample as a stream in real time, and through the loudspeaker. */
  async #play() {
    await this.#run(async (signal) => {
      const audioContext = new AudioContext();
      this.#context = audioContext;
      const source = audioContext.createBufferSource();
      const bytes = await (await sampleFile()).arrayBuffer();
      source.buffer = await audioContext.decodeAudioData(bytes);
      const capture = audioContext.createMediaStreamDestination();
      source.connect(capture);
      source.connect(audioContext.destination);
      const session = await this.#audioSource.vad.listen({
        stream: capture.stream,
        audioContext,
        signal,
      });
      source.addEventListener("ended", () => {
        if (this.#session === session) void this.#end();
      });
      source.start();
      return session;
    });
  }

  /** Starts a session in place of the one before, or of one that is still being opened. */
  async #run(start: (signal: AbortSignal) => Promise<Session>) {
    const ending = this.#end();
    const { signal } = this.#action;
    await ending;
    if (signal.aborted) return;
    this.#events = [];
    try {
      const session = await start(signal);
      if (signal.aborted) return;
      this.#session = session;
      this.#board.clear();
      this.#strip.follow(session);
      this.#listenTo(session);
    } catch (error) {
      if (signal.aborted) return;
      this.#board.show(errorNotice(error, { listen: () => void this.#listen() }));
      await this.#end();
    }
    this.#show();
  }

  #listenTo(session: Session) {
    const record = (type: string, about: number) => {
      const received = session.length / session.sampleRate;
      this.#events = [{ type, about, received }, ...this.#events].slice(0, SHOWN);
      this.#show();
    };
    session.addEventListener("speechstart", ({ startSeconds }) =>
      record("speechstart", startSeconds),
    );
    session.addEventListener("speechconfirmed", ({ startSeconds }) =>
      record("speechconfirmed", startSeconds),
    );
    session.addEventListener("misfire", ({ startSeconds }) => record("misfire", startSeconds));
    session.addEventListener("speechend", ({ endSeconds }) => record("speechend", endSeconds));
    session.addEventListener("error", ({ error }) => {
      this.#board.show(errorNotice(error, { listen: () => void this.#listen() }));
    });
    session.addEventListener("recovered", () => this.#board.clear());
  }

  async #end() {
    this.#action.abort();
    this.#action = new AbortController();
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
      this.#events.length === 0
        ? html`<p class="muted">${this.#session ? "No event yet." : "Not listening. Your audio stays in this page."}</p>`
        : html`<table>
            <thead>
              <tr><th scope="col">event</th><th scope="col">about</th><th scope="col">received</th><th scope="col">later</th></tr>
            </thead>
            <tbody>
              ${this.#events.map(
                ({ type, about, received }) =>
                  html`<tr><td>${type}</td><td>${about.toFixed(2)} s</td><td>${received.toFixed(2)} s</td><td>${Math.round(1000 * (received - about))} ms</td></tr>`,
              )}
            </tbody>
          </table>`,
      this.#list,
    );
  }
}
