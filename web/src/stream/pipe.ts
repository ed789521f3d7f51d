import { bindMembers } from "../base/bind-members.js";
import { invalidOption } from "../base/option-checks.js";
import type { AudioFeed, AudioOptions } from "./audio/audio-feed.js";
import type { StreamResult } from "./output-trimmer.js";
import type { StreamPort } from "./ports.js";
import type { Frames } from "./pulse-cutter.js";
import type { StreamFigures } from "./stream-meter.js";

/** A stream, or a chain of streams. */
export interface Stream {
  readonly inputs: readonly StreamPort[];
  readonly outputs: readonly StreamPort[];
  readonly figures: StreamFigures;
  /** Aborted when the stream closes, by whatever cause. */
  readonly closing: AbortSignal;
  push(frames: Frames): Promise<void>;
  results(): AsyncIterableIterator<StreamResult>;
  audio(options?: AudioOptions): Promise<AudioFeed>;
  flush(): Promise<void>;
  reset(): void;
  close(): void;
  /** @internal */
  fail(error: unknown): void;
}

export interface PipeOptions {
  /**
   * What a result of the first stream is to the second; undefined leaves it out. Default: the input of the same name,
   * or the second's only input.
   */
  map?: (result: StreamResult) => Frames | undefined;
}

/**
 * Feeds the results of `first` to `second`, whatever their pulses and rates. The chain owns both: closing it closes them.
 * @throws OptionError where outputs and inputs do not match and there is no `map`
 */
export function pipe(first: Stream, second: Stream, options: PipeOptions = {}): Stream {
  return bindMembers(new Chain(first, second, options.map ?? byName(first, second)));
}

function byName(first: Stream, second: Stream): (result: StreamResult) => Frames | undefined {
  const names = new Set(second.inputs.map(({ name }) => name));
  const [input, ...others] = second.inputs;
  const matched = first.outputs.some(({ name }) => names.has(name));
  if (!matched && (input === undefined || others.length > 0 || first.outputs.length > 1)) {
    throw invalidOption("map", undefined, "a function: no output has the name of an input");
  }
  return ({ name, data }) => {
    if (!matched) return { [input?.name ?? ""]: data };
    return names.has(name) ? { [name]: data } : undefined;
  };
}

class Chain implements Stream {
  readonly inputs: readonly StreamPort[];
  readonly outputs: readonly StreamPort[];
  readonly #first: Stream;
  readonly #second: Stream;
  readonly #map: (result: StreamResult) => Frames | undefined;
  /** Flushes of the first that have not reached the end of the second. */
  #flushing: (() => void)[] = [];

  constructor(first: Stream, second: Stream, map: (result: StreamResult) => Frames | undefined) {
    this.#first = first;
    this.#second = second;
    this.#map = map;
    this.inputs = first.inputs;
    this.outputs = second.outputs;
    for (const stream of [first, second]) {
      stream.closing.addEventListener("abort", () => this.close(), { once: true });
    }
    this.#pump().catch((error: unknown) => {
      second.fail(error);
      this.close();
    });
  }

  get figures(): StreamFigures {
    const [first, second] = [this.#first.figures, this.#second.figures];
    const waiting = first.waiting + first.unread + second.waiting;
    return { ...first, waiting, unread: second.unread };
  }

  get closing(): AbortSignal {
    return this.#second.closing;
  }

  push(frames: Frames): Promise<void> {
    return this.#first.push(frames);
  }

  results(): AsyncIterableIterator<StreamResult> {
    return this.#second.results();
  }

  audio(options?: AudioOptions): Promise<AudioFeed> {
    return this.#first.audio(options);
  }

  async flush(): Promise<void> {
    const arrived = new Promise<void>((resolve) => this.#flushing.push(resolve));
    await this.#first.flush();
    await arrived;
    if (this.closing.aborted) throw this.closing.reason;
  }

  reset(): void {
    this.#first.reset();
    this.#second.reset();
  }

  close(): void {
    this.#first.close();
    this.#second.close();
    for (const resolve of this.#flushing.splice(0)) resolve();
  }

  fail(error: unknown): void {
    this.#first.fail(error);
  }

  /** Passes on one signal after another. */
  async #pump(): Promise<void> {
    while (!this.#first.closing.aborted) {
      for await (const result of this.#first.results()) {
        const frames = this.#map(result);
        if (frames !== undefined) await this.#second.push(frames);
      }
      if (this.#first.closing.aborted) break;
      await this.#second.flush();
      this.#flushing.shift()?.();
    }
  }
}
