import { errorNotice, waitingForPermission } from "nnef-pulse/look";
import type { Session, Vad } from "nnef-pulse/vad";
import { readWav } from "nnef-pulse/wav";
import { computedHere, runFile } from "./sound/run-file.js";
import { runLive } from "./sound/run-live.js";
import { fetchRecord, fetchSample, recordOf } from "./sound/sample-record.js";
import { playSample, type SampleStream } from "./sound/sample-stream.js";
import { EngineLoader, ownBundle } from "./view/engine-loader.js";
import { type PulseFacts, showPulse, showSource } from "./view/figures.js";
import { LiveView } from "./view/live-view.js";
import { part } from "./view/page-elements.js";
import { RecordedResult } from "./view/recorded-result.js";
import { watchSession } from "./view/watch-session.js";

/** The page's current activity. */
export type Activity = "nothing" | "waiting" | "listening" | "paused" | "sample";

/** Caption of each activity. A result sets its own caption. */
const captions: Partial<Readonly<Record<Activity, string>>> = {
  listening: "Listening. Sound enters at “now” and stays in this page.",
  paused: "Paused. The microphone is off.",
  sample: "Playing the sample and detecting speech live.",
};

/** Controls the live page: runs one user action at a time. */
export class LivePage {
  /** Called when the activity changes. */
  onActivity: (activity: Activity) => void = () => undefined;
  /** Called with the session that starts, and with undefined at its end. */
  onSession: (session: Session | undefined) => void = () => undefined;

  readonly #engine = new EngineLoader();
  readonly #view = new LiveView((threshold) => this.#setThreshold(threshold));
  #activity: Activity = "nothing";
  #session: Session | undefined;
  #sample: SampleStream | undefined;
  /** The user's threshold; undefined means the bundle's. */
  #threshold: number | undefined;
  /** Of the newest action; the next one aborts it. Results of older actions are discarded. */
  #action = new AbortController();

  /** Folder of the bundle that runs, relative to the page. */
  get bundle(): string {
    return this.#engine.requestedBundle ?? ownBundle;
  }

  /** Shows the result for the sample that was recorded when the site was built. */
  async showRecorded(): Promise<void> {
    const record = await fetchRecord();
    if (!record) return this.#view.caption("");
    const sound = async () => readWav(await fetchSample());
    this.#view.show(new RecordedResult(recordOf(record), sound));
  }

  /** Loads the engine and computes the sample's result again in this page. */
  load(): Promise<void> {
    return this.#run(async (signal) => {
      const sample = fetchSample();
      // Avoids an unhandled rejection; awaited below, after the engine.
      sample.catch(() => undefined);
      const vad = await this.#engine.get(this.#threshold);
      if (!signal.aborted) this.#view.board.clear();
      this.#view.rules = vad.rules;
      showPulse(pulseFacts(vad));
      showSource(vad.manifest.title, vad.manifest.licence.name, vad.engineVersion);
      await this.#compute(vad, await sample, signal);
    });
  }

  listenOrPause(): void {
    if (this.#activity === "waiting") return;
    if (this.#activity === "listening") void this.#session?.pause();
    else if (this.#activity === "paused") void this.#resume();
    else void this.#listen();
  }

  playOrStop(): void {
    if (this.#activity === "sample") void this.#end();
    else void this.#play();
  }

  chooseFile(): void {
    part<HTMLInputElement>("file").click();
  }

  openFile(file: File): Promise<void> {
    return this.#run(async (signal) => {
      await this.#end();
      const vad = await this.#ready(signal);
      await this.#compute(vad, file, signal, file.name);
    }, file.name);
  }

  /** Resets the engine's state and the memory row. */
  resetState(): void {
    this.#session?.reset();
    this.#view.memory.empty();
  }

  /** @param begin prepares the strip and the table for the stream */
  #listen(begin = () => this.#view.clear()): Promise<void> {
    return this.#run(async (signal) => {
      await this.#end();
      this.#setActivity("waiting");
      const vad = await this.#ready(signal);
      this.#view.board.show(waitingForPermission);
      const session = await vad.listen({ signal });
      if (signal.aborted) return;
      begin();
      this.#showSession(vad, session, "listening");
    });
  }

  #play(): Promise<void> {
    return this.#run(async (signal) => {
      await this.#end();
      const vad = await this.#ready(signal);
      const sound = await fetchSample();
      signal.throwIfAborted();
      const sample = await playSample(sound);
      // A newer action has ended what ran before this sample.
      if (signal.aborted) return sample.close();
      this.#sample = sample;
      const { stream, audioContext } = sample;
      const session = await vad.listen({ stream, audioContext, signal }).catch(async (error) => {
        if (!signal.aborted) await this.#end();
        throw error;
      });
      this.#view.clear();
      this.#showSession(vad, session, "sample");
      await sample.ended;
      if (signal.aborted) return;
      await this.#end();
      this.#view.caption("The sample has ended. Press Listen to use your microphone.");
    });
  }

  async #resume(): Promise<void> {
    const session = this.#session;
    this.#view.board.clear();
    try {
      await session?.resume();
    } catch (error) {
      if (session === this.#session) this.#fail(error);
    }
  }

  /** Loads the engine, and shows progress on the strip. */
  async #ready(signal: AbortSignal): Promise<Vad> {
    const { board } = this.#view;
    board.clear();
    if (!this.#engine.loaded) {
      const showProgress = (suffix: string) => {
        board.show({ tone: "wait", sentence: `The engine is loading${suffix}.` });
      };
      showProgress("");
      this.#engine.onProgress = (fraction) => showProgress(`: ${Math.floor(fraction * 20) * 5} %`);
    }
    try {
      const vad = await this.#engine.get(this.#threshold);
      signal.throwIfAborted();
      this.#view.rules = vad.rules;
      return vad;
    } finally {
      if (!signal.aborted) {
        this.#engine.onProgress = () => undefined;
        board.clear();
      }
    }
  }

  /** Shows `session` from its first block on. */
  #showSession(vad: Vad, session: Session, activity: "listening" | "sample") {
    this.#session = session;
    this.onSession(session);
    watchSession(session, pulseFacts(vad), this.#view.memory);
    runLive(vad, session, this.#view, (error) => this.#fail(error));
    session.addEventListener("statechange", ({ state }) => {
      if (this.#session !== session) return;
      if (state === "running") this.#setActivity(activity);
      else this.#setActivity(state === "paused" ? "paused" : "nothing");
    });
    this.#setActivity(activity);
  }

  /** Finds the speech in `blob` and shows it on the strip. */
  async #compute(vad: Vad, blob: Blob, signal: AbortSignal, name = "") {
    const title = name && `${name}. `;
    const started = performance.now();
    const result = await runFile(vad, blob, {
      started: (session) => watchSession(session, pulseFacts(vad), this.#view.memory),
      progress: (fraction) => {
        const isSlow = performance.now() - started > 300;
        if (isSlow && !signal.aborted)
          this.#view.caption(`${title}Finding speech: ${Math.floor(fraction * 100)} %`);
      },
    });
    if (signal.aborted) return;
    this.#view.show(result.result);
    this.#view.caption(title + computedHere(result));
  }

  /** Ends the running session. Results stay in view. */
  async #end(): Promise<void> {
    const session = this.#session;
    const sample = this.#sample;
    this.#session = undefined;
    this.#sample = undefined;
    this.onSession(undefined);
    await session?.stop();
    await sample?.close();
    this.#setActivity("nothing");
  }

  /** Runs an action in place of the one before. Shows its error on the strip unless a newer one started. */
  async #run(action: (signal: AbortSignal) => Promise<void>, file = "") {
    this.#action.abort();
    this.#action = new AbortController();
    const { signal } = this.#action;
    try {
      await action(signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(error, file);
    }
  }

  #fail(error: unknown, file = "") {
    if (this.#activity === "waiting") this.#setActivity("nothing");
    // An interrupted session is continued; otherwise the sample shows that the engine works again.
    const relisten = () => this.#listen(() => this.#view.continueAfterInterruption());
    const [listen, again] = this.#session
      ? [relisten, relisten]
      : [() => this.#listen(), () => this.load()];
    const load = () => void this.#engine.drop().then(again);
    const loadOwn = () => {
      this.#engine.requestedBundle = null;
      load();
    };
    const remedies = {
      listen: () => void listen(),
      resume: () => void this.#resume(),
      open: () => this.chooseFile(),
      load,
      loadOwn: this.#engine.requestedBundle === null ? undefined : loadOwn,
    };
    this.#view.board.show(errorNotice(error, remedies, file));
  }

  #setActivity(activity: Activity) {
    this.#activity = activity;
    const caption = captions[activity];
    if (caption) this.#view.caption(caption);
    this.onActivity(activity);
  }

  #setThreshold(threshold: number) {
    this.#threshold = threshold;
    this.#session?.setOptions({ threshold });
    this.#engine.loaded?.setOptions({ threshold });
  }
}

function pulseFacts(vad: Vad): PulseFacts {
  const { pulseSamples: samples, sampleRate, delayFrames, frameSamples } = vad;
  return { samples, sampleRate, delayFrames, frameSamples };
}
