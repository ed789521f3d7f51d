import { DecodeError } from "../base/errors.js";

/** A WAV file whose samples are read on demand. */
export interface WavSource {
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples per channel. */
  readonly length: number;
  /** Samples `from` to `to`, averaged over channels; integers are scaled to -1…1. */
  read(from: number, to: number): Promise<Float32Array<ArrayBuffer>>;
}

/** A whole WAV file, averaged over channels. */
export interface WavSound {
  readonly sampleRate: number;
  readonly samples: Float32Array;
}

type Sample = (view: DataView, at: number) => number;

/** Reads one sample, by `<format code>/<bits>`. Codes 1 and 3 are PCM and IEEE float. */
const encodings: Readonly<Record<string, Sample>> = {
  "1/8": (view, at) => (view.getUint8(at) - 128) / 128,
  "1/16": (view, at) => view.getInt16(at, true) / 32768,
  "1/24": (view, at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65536) / 8388608,
  "1/32": (view, at) => view.getInt32(at, true) / 2147483648,
  "3/32": (view, at) => view.getFloat32(at, true),
  "3/64": (view, at) => view.getFloat64(at, true),
};

const EXTENSIBLE = 0xfffe;

/**
 * Reads the header of a PCM or float WAV file.
 * @returns undefined for other files, and for compressed WAV
 * @throws DecodeError if the file is damaged
 */
export async function openWav(file: Blob): Promise<WavSource | undefined> {
  const head = await viewOf(file, 0, 12);
  if (head.byteLength < 12 || mark(head, 0) !== "RIFF" || mark(head, 8) !== "WAVE")
    return undefined;
  let layout: Layout | undefined;
  for (let at = 12; at + 8 <= file.size; ) {
    const chunk = await viewOf(file, at, 8);
    const name = mark(chunk, 0);
    const size = chunk.getUint32(4, true);
    if (name === "fmt ") layout = layoutOf(await viewOf(file, at + 8, Math.min(size, 40)));
    if (name === "data") {
      const isEmpty = size === 0 && (await hasOnlyChunks(file, at + 8));
      return layout && source(file, layout, isEmpty ? file.size : at + 8, size);
    }
    // Chunks are padded to even sizes.
    at += 8 + size + (size % 2);
  }
  throw new DecodeError("The WAV file ends before its data chunk.", "file-undecodable");
}

/** Whether a file holds nothing but further chunks from `at` on. A recording that was cut off holds samples there. */
async function hasOnlyChunks(file: Blob, at: number): Promise<boolean> {
  let next = at;
  while (next + 8 <= file.size) {
    const chunk = await viewOf(file, next, 8);
    if (!/^[\x20-\x7e]{4}$/.test(mark(chunk, 0))) return false;
    const size = chunk.getUint32(4, true);
    // The last chunk's padding may be missing.
    next += 8 + Math.min(size + (size % 2), Math.max(size, file.size - next - 8));
  }
  return next === file.size;
}

/**
 * Reads a whole PCM or float WAV file.
 * @throws DecodeError for other files
 */
export async function readWav(file: Blob): Promise<WavSound> {
  const wav = await openWav(file);
  if (wav === undefined)
    throw new DecodeError("The file is not a PCM or float WAV file.", "file-undecodable");
  return { sampleRate: wav.sampleRate, samples: await wav.read(0, wav.length) };
}

interface Layout {
  readonly sample: Sample | undefined;
  readonly sampleRate: number;
  readonly channels: number;
  readonly frameBytes: number;
}

function layoutOf(format: DataView): Layout {
  if (format.byteLength < 16)
    throw new DecodeError("The WAV file's format chunk is truncated.", "file-undecodable");
  const code = format.getUint16(0, true);
  const extended = code === EXTENSIBLE && format.byteLength >= 26;
  const channels = format.getUint16(2, true);
  const sampleRate = format.getUint32(4, true);
  const frameBytes = format.getUint16(12, true);
  const bits = format.getUint16(14, true);
  if (channels === 0 || sampleRate === 0 || frameBytes < (channels * bits) / 8) {
    throw new DecodeError("The WAV file's format chunk is inconsistent.", "file-undecodable");
  }
  const sample = encodings[`${extended ? format.getUint16(24, true) : code}/${bits}`];
  return { sample, sampleRate, channels, frameBytes };
}

function source(file: Blob, layout: Layout, at: number, size: number): WavSource | undefined {
  const { sample, sampleRate, channels, frameBytes } = layout;
  if (sample === undefined) return undefined;
  // An interrupted recorder leaves a size of 0 or 2^32 - 1: the data then extends to the end of the file.
  const claimed = size === 0 ? Number.POSITIVE_INFINITY : size;
  const length = Math.floor(Math.min(claimed, file.size - at) / frameBytes);
  return {
    sampleRate,
    channels,
    length,
    async read(from, to) {
      const count = Math.max(0, Math.min(to, length) - from);
      const view = await viewOf(file, at + from * frameBytes, count * frameBytes);
      const samples = new Float32Array(count);
      const step = frameBytes / channels;
      for (let i = 0; i < count; i++) {
        let sum = 0;
        for (let channel = 0; channel < channels; channel++) {
          sum += sample(view, i * frameBytes + channel * step);
        }
        samples[i] = sum / channels;
      }
      return samples;
    },
  };
}

async function viewOf(file: Blob, at: number, size: number): Promise<DataView> {
  return new DataView(await file.slice(at, at + size).arrayBuffer());
}

function mark(view: DataView, at: number): string {
  return String.fromCharCode(
    view.getUint8(at),
    view.getUint8(at + 1),
    view.getUint8(at + 2),
    view.getUint8(at + 3),
  );
}
