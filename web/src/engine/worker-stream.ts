import type { Captured, Piece, Report, Request } from "./protocol.js";
import { PulseStream } from "./pulse-stream.js";
import type { ModelStream, PulseModel } from "./runner.js";
import { SilenceWatch } from "./silence-watch.js";

type StreamRequest = Exclude<Request, { type: "start" | "open" | "close" }>;

/** A session's stream inside the worker: takes sound from its port or from messages, and reports what came of it. */
export class WorkerStream {
  readonly #stream: number;
  readonly #model: PulseModel;
  readonly #runner: ModelStream;
  readonly #report: (message: Report, transfer?: Transferable[]) => void;
  readonly #fail: (stream: number, error: unknown) => void;
  #part: PulseStream | undefined;
  #port: MessagePort | undefined;
  #silence: SilenceWatch | undefined;
  /** Samples of earlier parts, and non-finite ones replaced in them. */
  #before = 0;
  #replacedBefore = 0;
  #watchEvery = Number.POSITIVE_INFINITY;
  #watchedAt = Number.NEGATIVE_INFINITY;

  constructor(
    stream: number,
    model: PulseModel,
    report: (message: Report, transfer?: Transferable[]) => void,
    fail: (stream: number, error: unknown) => void,
  ) {
    this.#stream = stream;
    this.#model = model;
    this.#runner = model.open();
    this.#report = report;
    this.#fail = fail;
  }

  handle(request: StreamRequest): void {
    try {
      this.#obey(request);
    } catch (error) {
      this.#fail(this.#stream, error);
    }
  }

  #obey(request: StreamRequest): void {
    switch (request.type) {
      case "begin":
        this.#begin(request.inputRate, request.port);
        break;
      case "push":
        this.#hear(request.samples, { lost: 0, waiting: 0, at: 0 });
        break;
      case "finish":
        this.#finish();
        break;
      case "reset":
        this.#runner.reset();
        break;
      case "watch":
        this.#watchEvery =
          request.perSecond > 0 ? 1000 / request.perSecond : Number.POSITIVE_INFINITY;
        break;
      case "trace":
        this.#runner.trace(request.on);
        break;
    }
  }

  close(): void {
    this.#release();
    this.#runner.dispose();
  }

  #begin(inputRate: number, port: MessagePort | undefined): void {
    this.#release();
    this.#runner.reset();
    this.#part = new PulseStream(this.#runner, this.#model.shape, inputRate);
    if (port === undefined) return;
    this.#silence = new SilenceWatch(inputRate, (silent) =>
      this.#report({ type: "silent", stream: this.#stream, silent }),
    );
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<Captured>) => this.#captured(port, data);
  }

  #captured(port: MessagePort, message: Captured): void {
    try {
      if (message.type === "end") {
        if (message.lost > 0) this.#part?.skip(message.lost);
        this.#finish();
        return;
      }
      const samples = message.buffer.subarray(0, message.length);
      this.#silence?.hear(samples);
      this.#hear(samples, message);
      port.postMessage(message.buffer, [message.buffer.buffer]);
    } catch (error) {
      this.#fail(this.#stream, error);
    }
  }

  #hear(
    samples: Float32Array,
    { lost, waiting, at }: { lost: number; waiting: number; at: number },
  ): void {
    const part = this.#part;
    if (part === undefined) return;
    if (lost > 0) part.skip(lost);
    this.#lookIfDue();
    const time = this.#before + part.position;
    part.push(samples);
    this.#tell(part, waiting, at);
    const memories = this.#runner.takeMemories();
    if (memories !== undefined)
      this.#report({ type: "memories", stream: this.#stream, time, memories });
    const pulses = this.#runner.takeTraced();
    if (pulses.length > 0) this.#report({ type: "values", stream: this.#stream, pulses });
  }

  #lookIfDue(): void {
    const now = performance.now();
    if (now - this.#watchedAt < this.#watchEvery) return;
    this.#watchedAt = now;
    this.#runner.look();
  }

  #finish(): void {
    const part = this.#part;
    if (part !== undefined) {
      part.finish();
      this.#tell(part, 0, 0);
      this.#before += part.position;
      this.#replacedBefore += part.replaced;
    }
    this.#release();
    this.#report({ type: "finished", stream: this.#stream });
  }

  #tell(part: PulseStream, waiting: number, capturedAt: number): void {
    const { pieces, probabilities, pulseMs } = part.take();
    const replaced = this.#replacedBefore + part.replaced;
    const { engineBytes } = this.#model;
    this.#report(
      {
        type: "heard",
        stream: this.#stream,
        pieces,
        probabilities,
        pulseMs,
        waiting,
        replaced,
        engineBytes,
        capturedAt,
      },
      [probabilities.buffer, pulseMs.buffer, ...pieces.flatMap(buffers)],
    );
  }

  #release(): void {
    this.#port?.close();
    this.#port = undefined;
    this.#part = undefined;
    this.#silence = undefined;
  }
}

function buffers(piece: Piece): ArrayBuffer[] {
  return "samples" in piece ? [piece.samples.buffer] : [];
}
