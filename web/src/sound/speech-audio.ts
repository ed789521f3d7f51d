import { type WavFormat, writeWav } from "../formats/wav-write.js";

/** Part of a session's sound: mono, as the model received it. */
export class SpeechAudio {
  /** Between -1 and 1. */
  readonly samples: Float32Array<ArrayBuffer>;
  /** In Hz. */
  readonly sampleRate: number;
  /** First sample, on the session's clock. */
  readonly start: number;

  constructor(samples: Float32Array<ArrayBuffer>, sampleRate: number, start: number) {
    this.samples = samples;
    this.sampleRate = sampleRate;
    this.start = start;
  }

  /** One past its last sample. */
  get end(): number {
    return this.start + this.samples.length;
  }

  /** In seconds. */
  get duration(): number {
    return this.samples.length / this.sampleRate;
  }

  /** A WAV file, to save, send or play. */
  toWav(options: { readonly format?: WavFormat } = {}): Blob {
    return new Blob([writeWav(this.samples, this.sampleRate, options.format)], {
      type: "audio/wav",
    });
  }

  /** An `AudioBuffer`, to play with Web Audio. */
  toAudioBuffer(context: BaseAudioContext): AudioBuffer {
    const buffer = context.createBuffer(1, Math.max(1, this.samples.length), this.sampleRate);
    buffer.copyToChannel(this.samples, 0);
    return buffer;
  }
}
