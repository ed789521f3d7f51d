/** `int16` is read by every program; `float32` keeps each sample exactly. */
export type WavFormat = "int16" | "float32";

/**
 * Writes a mono WAV file.
 * @param samples from -1 to 1; `int16` clips other values
 * @param sampleRate in Hz
 */
export function writeWav(
  samples: Float32Array,
  sampleRate: number,
  format: WavFormat = "int16",
): Uint8Array<ArrayBuffer> {
  const bytes = format === "int16" ? 2 : 4;
  const size = samples.length * bytes;
  const file = new Uint8Array(44 + size);
  const view = new DataView(file.buffer);
  mark(file, 0, "RIFF");
  view.setUint32(4, 36 + size, true);
  mark(file, 8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, format === "int16" ? 1 : 3, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * bytes, true);
  view.setUint16(32, bytes, true);
  view.setUint16(34, 8 * bytes, true);
  mark(file, 36, "data");
  view.setUint32(40, size, true);
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] as number;
    if (format === "float32") view.setFloat32(44 + 4 * i, sample, true);
    else
      view.setInt16(
        44 + 2 * i,
        Math.max(-32768, Math.min(32767, Math.round(sample * 32768))),
        true,
      );
  }
  return file;
}

function mark(file: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) file[at + i] = text.charCodeAt(i);
}
