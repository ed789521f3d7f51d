import { DecodeError } from "../base/errors.js";
import { openWav } from "../formats/wav-read.js";

/** A mono sound that can be read in parts. */
export interface SoundFile {
  /** In Hz. */
  readonly sampleRate: number;
  /** In samples. */
  readonly length: number;
  read(from: number, to: number): Promise<Float32Array<ArrayBuffer>>;
}

/** Sample rate in Hz for decoding compressed sound: the most common one, which our resampler then converts. */
const DECODED_RATE = 48000;

/**
 * Opens a file. PCM WAV is read exactly, at its own rate and in parts; other formats are decoded by the browser.
 * @throws DecodeError
 */
export async function openSound(file: Blob): Promise<SoundFile> {
  return (await openWav(file)) ?? decoded(await decode(file));
}

async function decode(file: Blob): Promise<AudioBuffer> {
  try {
    // Node has no decoder: there only WAV is read.
    const context = new OfflineAudioContext(1, 1, DECODED_RATE);
    return await context.decodeAudioData(await file.arrayBuffer());
  } catch (cause) {
    throw new DecodeError(
      "This browser cannot read sound from the file.",
      "file-undecodable",
      cause,
    );
  }
}

function decoded(buffer: AudioBuffer): SoundFile {
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, channel) =>
    buffer.getChannelData(channel),
  );
  return {
    sampleRate: buffer.sampleRate,
    length: buffer.length,
    async read(from, to) {
      const samples = new Float32Array(Math.max(0, Math.min(to, buffer.length) - from));
      for (const channel of channels) {
        for (let i = 0; i < samples.length; i++) {
          samples[i] = (samples[i] as number) + (channel[from + i] as number) / channels.length;
        }
      }
      return samples;
    },
  };
}
