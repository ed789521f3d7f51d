import { CaptureError } from "../base/errors.js";
import type { StreamReport } from "../engine/client.js";
import { FigureRecorder, type Figures } from "./figures.js";
import { type Emit, Timeline, type TimelineConfig } from "./timeline.js";

/** Turns the engine's reports about a stream into the session's events. */
export class ReportHandler {
  readonly timeline: Timeline;
  readonly #figures = new FigureRecorder();
  readonly #sampleRate: number;
  readonly #emit: Emit;

  constructor(config: TimelineConfig, emit: Emit) {
    this.timeline = new Timeline(config, emit);
    this.#sampleRate = config.sampleRate;
    this.#emit = emit;
  }

  get figures(): Figures {
    return this.#figures.figures;
  }

  handle(report: StreamReport): void {
    switch (report.type) {
      case "processed":
        this.#figures.record(report);
        this.timeline.add(report);
        break;
      case "finished":
        this.timeline.endPart();
        break;
      case "silent":
        this.#reportSilence(report.silent);
        break;
      case "memories": {
        const { time, memories } = report;
        this.#emit("state", { time, seconds: time / this.#sampleRate, memories });
        break;
      }
      case "values":
        for (const nodes of report.pulses) this.#emit("values", { nodes });
        break;
    }
  }

  #reportSilence(silent: boolean): void {
    if (!silent) {
      this.#emit("recovered", { code: "microphone-silent" });
      return;
    }
    const message = "The microphone sends silence: is it muted?";
    this.#emit("error", { error: new CaptureError(message, "microphone-silent"), fatal: false });
  }
}
