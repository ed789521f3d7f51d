import type { CaptureMessage, Piece, WorkerReport, WorkerRequest } from "./protocol.js";
import type { ModelStream, PulseModel } from "./pulse-model.js";
import { PulseStream } from "./pulse-stream.js";
import { SilenceDetector } from "./silence-detector.js";

type StreamRequest = Exclude<WorkerRequest, { type: "start" | "open" | "close" }>;

/** A session's stream inside the worker: takes sound from its port or from messages and reports the results. */
export class WorkerStream {
  readonly #stream: number;
  readonly #model: PulseModel;
  readonly #runner: ModelStream;
  readonly #report: (message: WorkerReport, transfer?: Transferable[]) => void;
  readonly #fail: (stream: number, error: unknown) => void;
  #pulses: PulseStream | undefined;
  #port: MessagePort | undefined;
  #silence: SilenceDetector | undefined;
  /** Samples before the current `begin`, and non-finite samples replaced in them. */
  #offset = 0;
  #replacedBefore = 0;
  #memoryIntervalMs = Number.POSITIVE_INFINITY;
  #lastMemoryAt = Number.NEGATIVE_INFINITY;

  constructor(
    stream: number,
    model: PulseModel,
    report: (message: WorkerReport, transfer?: Transferable[]) => void,
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
      this.#dispatch(request);
    } catch (error) {
      this.#fail(this.#stream, error);
    }
  }

  #dispatch(request: StreamRequest): void {
    switch (request.type) {
      case "begin":
        this.#begin(request.inputRate, request.port);
        break;
      case "push":
        this.#process(request.samples, { lost: 0, waiting: 0, at: 0 });
        break;
      case "finish":
        this.#finish();
        break;
      case "reset":
        this.#runner.reset();
        break;
      case "watch":
        this.#memoryIntervalMs =
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
    this.#pulses = new PulseStream(this.#runner, this.#model.shape, inputRate);
    if (port === undefined) return;
    this.#silence = new SilenceDetector(inputRate, (silent) =>
      this.#report({ type: "silent", stream: this.#stream, silent }),
    );
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<CaptureMessage>) => this.#receive(port, data);
  }

  #receive(port: MessagePort, message: CaptureMessage): void {
    try {
      if (message.type === "end") {
        if (message.lost > 0) this.#pulses?.skip(message.lost);
        this.#finish();
        return;
      }
      const samples = message.buffer.subarray(0, message.length);
      this.#silence?.push(samples);
      this.#process(samples, message);
      port.postMessage(message.buffer, [message.buffer.buffer]);
    } catch (error) {
      this.#fail(this.#stream, error);
    }
  }

  #process(
    samples: Float32Array,
    { lost, waiting, at }: { lost: number; waiting: number; at: number },
  ): void {
    const pulses = this.#pulses;
    if (pulses === undefined) return;
    if (lost > 0) pulses.skip(lost);
    this.#captureStateIfDue();
    const time = this.#offset + pulses.position;
    pulses.push(samples);
    this.#reportResults(pulses, waiting, at);
    const memories = this.#runner.takeMemories();
    if (memories !== undefined)
      this.#report({ type: "memories", stream: this.#stream, time, memories });
    const traced = this.#runner.takeTraced();
    if (traced.length > 0) this.#report({ type: "values", stream: this.#stream, pulses: traced });
  }

  #captureStateIfDue(): void {
    const now = performance.now();
    if (now - this.#lastMemoryAt < this.#memoryIntervalMs) return;
    this.#lastMemoryAt = now;
    this.#runner.captureState();
  }

  #finish(): void {
    const pulses = this.#pulses;
    if (pulses !== undefined) {
      pulses.finish();
      this.#reportResults(pulses, 0, 0);
      this.#offset += pulses.position;
      this.#replacedBefore += pulses.replaced;
    }
    this.#release();
    this.#report({ type: "finished", stream: this.#stream });
  }

  #reportResults(pulses: PulseStream, waiting: number, capturedAt: number): void {
    const { pieces, probabilities, pulseMs } = pulses.take();
    const replaced = this.#replacedBefore + pulses.replaced;
    const { engineBytes } = this.#model;
    this.#report(
      {
        type: "processed",
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
    this.#pulses = undefined;
    this.#silence = undefined;
  }
}

function buffers(piece: Piece): ArrayBuffer[] {
  return "samples" in piece ? [piece.samples.buffer] : [];
}
