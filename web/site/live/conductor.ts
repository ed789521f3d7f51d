import { troubleNotice, waitingForPermission } from "nnef-pulse/look";
import type { Session, Vad } from "nnef-pulse/vad";
import { readWav } from "nnef-pulse/wav";
import { fetchRecord, fetchSample, recordedTake } from "./sound/recorded.js";
import { computedHere, runFile } from "./sound/run-file.js";
import { runLive } from "./sound/run-live.js";
import { playSample, type SampleStream } from "./sound/sample-stream.js";
import { part } from "./view/elements.js";
import { EngineLoader, ownBundle } from "./view/engine.js";
import { type PulseFacts, showPulse, showSource } from "./view/figures.js";
import { Stage } from "./view/stage.js";
import { Still } from "./view/still.js";
import { watchEngine } from "./view/watch.js";

/** What the page is doing. */
export type Activity = "nothing" | "waiting" | "listening" | "paused" | "sample";

/** What the strip's line says of it; results say their own. */
const captions: Partial<Readonly<Record<Activity, string>>> = {
  listening: "Listening. Sound enters at now and stays in this page.",
  paused: "Paused. The microphone is off.",
  sample: "The sample, played aloud and heard live.",
};

/** Leads the page from one thing the person asks for to the next. */
export class Conductor {
  /** Hears of every change of what the page is doing. */
  onActivity: (activity: Activity) => void = () => undefined;
  /** Hears of the stream that runs, and of its end. */
  onSession: (session: Session | undefined) => void = () => undefined;

  readonly #engine = new EngineLoader();
  readonly #stage = new Stage((threshold) => this.#setThreshold(threshold));
  #activity: Activity = "nothing";
  #session: Session | undefined;
  #sample: SampleStream | undefined;
  /** The threshold the person chose; until then the bundle's own holds. */
  #threshold: number | undefined;
  /** Counts what was asked for: what an earlier wish brings must not overtake a later one. */
  #wish = 0;

  /** Folder of the bundle that runs, relative to the page. */
  get bundle(): string {
    return this.#engine.asked ?? ownBundle;
  }

  /** Shows what the model found in the sample when the site was built. */
  async showRecorded(): Promise<void> {
    const record = await fetchRecord();
    if (!record) return this.#stage.caption("");
    const sound = async () => readWav(await fetchSample());
    this.#stage.show(new Still(recordedTake(record), sound));
  }

  /** Fetches the engine and has it find the speech of the sample again, here. */
  load(): Promise<void> {
    return this.#try(async (current) => {
      const sample = fetchSample();
      // Awaited below; without the engine nobody would hear that it failed.
      sample.catch(() => undefined);
      const vad = await this.#engine.get(this.#threshold);
      if (current()) this.#stage.board.clear();
      this.#stage.rules = vad.rules;
      showPulse(pulseFacts(vad));
      showSource(vad.manifest.title, vad.manifest.licence.name, vad.engineVersion);
      await this.#compute(vad, await sample, current);
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
    return this.#try(async (current) => {
      await this.#end();
      const vad = await this.#ready();
      await this.#compute(vad, file, current, file.name);
    }, file.name);
  }

  /** Empties what the engine remembers, before the person's eyes. */
  resetState(): void {
    if (this.#session && this.#session.state !== "stopped") this.#session.reset();
    this.#stage.memory.empty();
  }

  /** @param begin how the strip and the rows make way for the stream */
  #listen(begin = () => this.#stage.clear()): Promise<void> {
    return this.#try(async (current) => {
      await this.#end();
      this.#become("waiting");
      const vad = await this.#ready();
      this.#stage.board.show(waitingForPermission);
      const session = await vad.listen();
      if (!current()) return session.stop();
      begin();
      this.#run(vad, session, "listening");
    });
  }

  #play(): Promise<void> {
    return this.#try(async (current) => {
      await this.#end();
      const vad = await this.#ready();
      const sample = await playSample(await fetchSample());
      this.#sample = sample;
      const { stream, audioContext } = sample;
      const session = await vad.listen({ stream, audioContext });
      this.#stage.clear();
      this.#run(vad, session, "sample");
      await sample.over;
      if (!current()) return;
      await this.#end();
      this.#stage.caption("That was the sample. Press Listen for yours.");
    });
  }

  #resume(): Promise<void> {
    return this.#try(async () => {
      this.#stage.board.clear();
      await this.#session?.resume();
    });
  }

  /** The engine; while it is still on its way the strip says how far it is. */
  async #ready(): Promise<Vad> {
    const { board } = this.#stage;
    board.clear();
    if (!this.#engine.loaded) {
      const tell = (arrived: string) => {
        board.show({ tone: "wait", sentence: `The engine is on its way${arrived}.` });
      };
      tell("");
      this.#engine.onProgress = (fraction) => tell(`: ${Math.floor(fraction * 20) * 5} %`);
    }
    try {
      const vad = await this.#engine.get(this.#threshold);
      this.#stage.rules = vad.rules;
      return vad;
    } finally {
      this.#engine.onProgress = () => undefined;
      board.clear();
    }
  }

  /** Draws `session` from its first block on. */
  #run(vad: Vad, session: Session, activity: "listening" | "sample") {
    this.#session = session;
    this.onSession(session);
    watchEngine(session, pulseFacts(vad), this.#stage.memory);
    runLive(vad, session, this.#stage, (error) => this.#fail(error));
    session.addEventListener("statechange", ({ state }) => {
      if (this.#session !== session) return;
      if (state === "running") this.#become(activity);
      else this.#become(state === "paused" ? "paused" : "nothing");
    });
    this.#become(activity);
  }

  /** Finds the speech of `blob` and puts it on the strip. */
  async #compute(vad: Vad, blob: Blob, current: () => boolean, name = "") {
    const title = name && `${name}. `;
    const started = performance.now();
    const result = await runFile(vad, blob, {
      started: (session) => watchEngine(session, pulseFacts(vad), this.#stage.memory),
      progress: (fraction) => {
        const slow = performance.now() - started > 300;
        if (slow && current())
          this.#stage.caption(`${title}Finding speech: ${Math.floor(fraction * 100)} %`);
      },
    });
    if (!current()) return;
    this.#stage.show(result.still);
    this.#stage.caption(title + computedHere(result));
  }

  /** Ends what runs; what was found stays. */
  async #end(): Promise<void> {
    const session = this.#session;
    const sample = this.#sample;
    this.#session = undefined;
    this.#sample = undefined;
    this.onSession(undefined);
    await session?.stop();
    await sample?.close();
    this.#become("nothing");
  }

  /** Does one thing the person wished; trouble with it is told on the strip unless another wish came since. */
  async #try(wish: (current: () => boolean) => Promise<void>, file = "") {
    this.#wish += 1;
    const mine = this.#wish;
    const current = () => mine === this.#wish;
    try {
      await wish(current);
    } catch (error) {
      if (current()) this.#fail(error, file);
    }
  }

  #fail(error: unknown, file = "") {
    if (this.#activity === "waiting") this.#become("nothing");
    // Who was listening wants to listen on; elsewhere the sample shows that all is well again.
    const goOn = () => this.#listen(() => this.#stage.goOn());
    const [listen, again] = this.#session
      ? [goOn, goOn]
      : [() => this.#listen(), () => this.load()];
    const load = () => void this.#engine.drop().then(again);
    const loadOwn = () => {
      this.#engine.asked = null;
      load();
    };
    const remedies = {
      listen: () => void listen(),
      resume: () => void this.#resume(),
      open: () => this.chooseFile(),
      load,
      loadOwn: this.#engine.asked === null ? undefined : loadOwn,
    };
    this.#stage.board.show(troubleNotice(error, remedies, file));
  }

  #become(activity: Activity) {
    this.#activity = activity;
    const caption = captions[activity];
    if (caption) this.#stage.caption(caption);
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
