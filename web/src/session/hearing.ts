import { CaptureError } from "../base/errors.js";
import type { StreamReport } from "../engine/client.js";
import { FigureKeeper, type Figures } from "./figures.js";
import { type Emit, Timeline, type TimelineConfig } from "./timeline.js";

/** What the engine reports of a stream, told as the session's events. */
export class Hearing {
  readonly timeline: Timeline;
  readonly #figures = new FigureKeeper();
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

  take(report: StreamReport): void {
    switch (report.type) {
      case "heard":
        this.#figures.take(report);
        this.timeline.hear(report);
        break;
      case "finished":
        this.timeline.endPart();
        break;
      case "silent":
        this.#tellSilence(report.silent);
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

  #tellSilence(silent: boolean): void {
    if (!silent) {
      this.#emit("recovered", { code: "microphone-silent" });
      return;
    }
    const message = "The microphone sends silence: is it muted?";
    this.#emit("error", { error: new CaptureError(message, "microphone-silent"), fatal: false });
  }
}
