import type { Tensors } from "tract-wasm";
import { ClosedError } from "../base/errors.js";
import { invalidOption, unknownOption } from "../base/option-checks.js";
import type { BundleManifest } from "../bundle/manifest.js";
import { type AudioFeed, type AudioOptions, openFeed } from "./audio/audio-feed.js";
import { openAudioNode } from "./audio/audio-node.js";
import { audioSink, soundOutput } from "./audio/audio-sink.js";
import type { AudioSink } from "./audio/frame-pusher.js";
import { type EngineLease, hasDied, runError } from "./engine.js";
import { OutputTrimmer, type StreamResult } from "./output-trimmer.js";
import { outputLengths, type StreamPort, type StreamShape } from "./ports.js";
import { type Frames, PulseCutter } from "./pulse-cutter.js";
import { ResultQueue } from "./result-queue.js";
import { type StreamFigures, StreamMeter } from "./stream-meter.js";

/** Pulses handed to the worker and not yet answered: one runs while the others wait there. */
const IN_FLIGHT = 4;

export interface BundleStreamConfig {
  readonly manifest: BundleManifest;
  /** Pulses that may wait, unread results included. */
  readonly queue: number;
  readonly workletUrl: URL;
}

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

const wait = (list: Waiting[]) =>
  new Promise<void>((resolve, reject) => list.push({ resolve, reject }));

/**
 * Runs a pulsed model over one signal after another: frames in, in any number; true frames out, in order.
 *
 * Pulses wait while `queue` of them are waiting or have results that nobody has read, and `push` waits with them.
 */
export class BundleStream {
  readonly inputs: readonly StreamPort[];
  readonly outputs: readonly StreamPort[];
  readonly #shape: StreamShape;
  readonly #engine: EngineLease;
  readonly #config: BundleStreamConfig;
  readonly #cutters: readonly PulseCutter[];
  readonly #trimmers: readonly OutputTrimmer[];
  readonly #results: ResultQueue;
  readonly #meter = new StreamMeter();
  readonly #ending = new AbortController();
  #pushing: Waiting[] = [];
  #feed: AudioFeed | "opening" | undefined;
  #flushing: Waiting[] = [];
  /** Of each output along its streaming axis, once the signal's end is known. */
  #lengths: readonly number[] | undefined;
  /** Pulses of this signal handed over, and answered. */
  #sent = 0;
  #inFlight = 0;
  /** Counts signals: an answer to a pulse of an earlier one is dropped. */
  #signal = 0;

  constructor(shape: StreamShape, engine: EngineLease, config: BundleStreamConfig) {
    this.#shape = shape;
    this.#engine = engine;
    this.#config = config;
    this.inputs = shape.inputs;
    this.outputs = shape.outputs;
    this.#cutters = shape.inputs.map((port) => new PulseCutter(port));
    this.#trimmers = shape.outputs.map((port) => new OutputTrimmer(port));
    this.#results = new ResultQueue(() => this.#pump());
  }

  /** Aborted when the stream closes, by whatever cause. */
  get closing(): AbortSignal {
    return this.#ending.signal;
  }

  get figures(): StreamFigures {
    return this.#meter.figures(this.#waiting, this.#results.length);
  }

  /**
   * Takes the next frames of some or all inputs. Resolves when there is room again.
   * @throws OptionError, ClosedError, EngineError
   */
  async push(frames: Frames): Promise<void> {
    this.#check();
    const names = this.inputs.map(({ name }) => name);
    const unknown = Object.keys(frames).find((name) => !names.includes(name));
    if (unknown !== undefined) throw unknownOption(unknown, names);
    if (this.#lengths !== undefined) {
      await wait(this.#flushing);
      this.#check();
    }
    for (const cutter of this.#cutters) {
      const values = frames[cutter.port.name];
      if (values !== undefined) cutter.push(values);
    }
    this.#pump();
    if (!this.#hasRoom) await wait(this.#pushing);
  }

  /** The results of one signal, in order: until it is flushed. A further loop reads the next signal's. */
  results(): AsyncIterableIterator<StreamResult> {
    return this.#results.read();
  }

  /**
   * Feeds the stream from a microphone, a MediaStream or a file. Resolves when sound flows; read `results()` then.
   * @throws BundleError where the bundle takes no sound, CaptureError, DecodeError, ClosedError
   */
  async audio(options: AudioOptions = {}): Promise<AudioFeed> {
    const feed = await this.#openSound((sink) => openFeed(sink, options));
    this.#feed = feed;
    const forget = () => {
      this.#feed = undefined;
    };
    feed.ended.then(forget, forget);
    return feed;
  }

  /**
   * Sound in, sound out: a node to connect, which plays what the model makes of its input until the stream closes.
   * The node reads `results()`.
   * @throws BundleError where the bundle takes or gives no sound, CaptureError, ClosedError
   */
  audioNode(context: BaseAudioContext): Promise<AudioNode> {
    return this.#openSound(async (sink) => {
      const output = soundOutput(this.outputs, this.#shape.sound, this.#config.manifest);
      return openAudioNode(context, { sink, output, results: () => this.results() });
    });
  }

  async #openSound<Opened>(open: (sink: AudioSink) => Promise<Opened>): Promise<Opened> {
    this.#check();
    const sink = audioSink(this, this.#shape.sound, this.#config);
    if (this.#feed !== undefined) throw invalidOption("audio", "running", "stopped first");
    this.#feed = "opening";
    try {
      return await open({ ...sink, flush: () => this.#flush() });
    } catch (error) {
      this.#feed = undefined;
      throw error;
    }
  }

  /**
   * Ends the signal: runs what is held back, so that each output has the length the whole model would give.
   * A microphone is turned off first, a file read to its end. The next push begins a new signal.
   * @throws ClosedError, EngineError
   */
  async flush(): Promise<void> {
    if (typeof this.#feed === "object") await this.#feed.finish();
    else await this.#flush();
  }

  #flush(): Promise<void> {
    if (this.#closed) return Promise.reject(this.#ending.signal.reason);
    const flushed = wait(this.#flushing);
    if (this.#lengths === undefined) {
      this.#lengths = this.#trueLengths();
      this.#pump();
    }
    return flushed;
  }

  /** Back to the start of a signal. What waits, and what nobody has read, is dropped. */
  reset(): void {
    if (this.#closed) return;
    this.#results.clear();
    this.#restart();
    for (const { resolve } of this.#pushing.splice(0)) resolve();
  }

  /** Frees the engine's part; whoever waits is told. May be called twice. */
  close(): void {
    this.#end(new ClosedError("The stream is closed.", "closed"), undefined);
  }

  /** Ends the stream after what was given: loops read the results there are, and then throw `error`. */
  fail(error: unknown): void {
    this.#end(error, error);
  }

  /** @internal Sound that was lost or not finite. */
  count(change: { readonly dropped?: number; readonly replaced?: number }): void {
    this.#meter.count(change);
  }

  get #closed(): boolean {
    return this.#ending.signal.aborted;
  }

  get #waiting(): number {
    const pulses = Math.min(...this.#cutters.map((cutter) => cutter.pulses));
    return Number.isFinite(pulses) ? pulses : 0;
  }

  get #hasRoom(): boolean {
    return this.#waiting + this.#inFlight + this.#results.length < this.#config.queue;
  }

  /** Pulses it takes until every output has its length. */
  get #pulsesInAll(): number {
    const lengths = this.#lengths ?? [];
    return Math.max(0, ...this.#trimmers.map((each, at) => each.pulsesFor(lengths[at] ?? 0)));
  }

  #check(): void {
    if (this.#closed) throw this.#ending.signal.reason;
  }

  /** Hands pulses over as long as there are any, and room for what they give. */
  #pump(): void {
    if (this.#closed) return;
    while (
      !this.#closed &&
      this.#inFlight < IN_FLIGHT &&
      this.#results.length < this.#config.queue
    ) {
      const ending = this.#lengths !== undefined && this.#sent < this.#pulsesInAll;
      if (this.#waiting === 0 && !ending) break;
      this.#run();
    }
    if (this.#lengths !== undefined && this.#inFlight === 0 && this.#sent >= this.#pulsesInAll) {
      this.#finish();
    }
    while (this.#pushing.length > 0 && this.#hasRoom) this.#pushing.shift()?.resolve();
  }

  #run(): void {
    let inputs: Tensors;
    try {
      inputs = Object.fromEntries(this.#cutters.map((each) => [each.port.name, each.take()]));
    } catch (error) {
      this.fail(error);
      return;
    }
    const signal = this.#signal;
    const began = performance.now();
    this.#sent += 1;
    this.#inFlight += 1;
    this.#engine.state.run(inputs).then(
      (outputs) => {
        if (signal !== this.#signal || this.#closed) return;
        this.#inFlight -= 1;
        this.#meter.ran(performance.now() - began);
        this.#give(outputs);
        this.#pump();
      },
      (error: unknown) => {
        if (signal !== this.#signal || this.#closed) return;
        if (hasDied(error)) this.#engine.evict();
        this.fail(runError(error));
      },
    );
  }

  #give(outputs: Tensors): void {
    for (const [at, trimmer] of this.#trimmers.entries()) {
      const tensor = outputs[trimmer.port.name];
      const result = tensor && trimmer.take(tensor, this.#lengths?.[at]);
      if (result !== undefined) this.#results.push(result);
    }
  }

  /** The signal is over. */
  #finish(): void {
    this.#results.end();
    this.#restart();
  }

  #restart(): void {
    this.#signal += 1;
    this.#sent = 0;
    this.#inFlight = 0;
    this.#lengths = undefined;
    for (const cutter of this.#cutters) cutter.reset();
    for (const trimmer of this.#trimmers) trimmer.reset();
    // Answered in order with the runs: those to come begin anew.
    this.#engine.state.reset().catch(() => undefined);
    for (const { resolve } of this.#flushing.splice(0)) resolve();
  }

  /** Lengths of the whole model's outputs for as many frames as were pushed. */
  #trueLengths(): readonly number[] {
    const { pulse } = this.#shape;
    const streaming = this.#cutters.filter(({ port }) => port.axis >= 0);
    const sizes = streaming.map(({ taken, port }) => (taken * pulse) / port.framesPerPulse);
    return outputLengths(this.#shape, Math.floor(Math.min(...sizes)));
  }

  #end(reason: unknown, error: unknown): void {
    if (this.#closed) return;
    this.#ending.abort(reason);
    this.#results.close(error);
    for (const list of [this.#pushing, this.#flushing])
      for (const { reject } of list.splice(0)) reject(reason);
    this.#engine.release();
  }
}
