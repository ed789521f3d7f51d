import { describe, expect, it } from "vitest";
import { DecodeError } from "../../../web/src/base/errors.js";
import { openWav, readWav, writeWav } from "../../../web/src/wav.js";

const samples = Float32Array.of(0, 0.5, -0.5, 1, -1, 0.25, 1 / 32768, -3 / 32768);

type Chunk = [name: string, body: Uint8Array];

function riff(...chunks: Chunk[]): Blob {
  const text = (value: string) => new TextEncoder().encode(value);
  const size = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);
  const body = chunks.flatMap(([name, bytes]) => [
    text(name),
    size(bytes.length),
    bytes,
    new Uint8Array(bytes.length % 2),
  ]);
  return new Blob([text("RIFF"), size(0), text("WAVE"), ...body] as BlobPart[]);
}

function format(
  code: number,
  channels: number,
  rate: number,
  bits: number,
  extra: number[] = [],
): Chunk {
  const body = new DataView(new ArrayBuffer(16 + extra.length));
  body.setUint16(0, code, true);
  body.setUint16(2, channels, true);
  body.setUint32(4, rate, true);
  body.setUint32(8, (rate * channels * bits) / 8, true);
  body.setUint16(12, (channels * bits) / 8, true);
  body.setUint16(14, bits, true);
  extra.forEach((byte, at) => {
    body.setUint8(16 + at, byte);
  });
  return ["fmt ", new Uint8Array(body.buffer)];
}

const bytes = (array: ArrayBufferView) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

describe("writeWav", () => {
  it("keeps every sample in float32", async () => {
    const wav = await readWav(new Blob([writeWav(samples, 16000, "float32")]));
    expect(wav).toEqual({ sampleRate: 16000, samples });
  });

  it("rounds to int16 and clips what lies beyond", async () => {
    const loud = Float32Array.of(...samples, 2, -2);
    const wav = await readWav(new Blob([writeWav(loud, 8000)]));
    const top = 32767 / 32768;
    expect([...wav.samples]).toEqual([0, 0.5, -0.5, top, -1, 0.25, 1 / 32768, -3 / 32768, top, -1]);
    expect(wav.sampleRate).toBe(8000);
  });
});

describe("readWav", () => {
  const sixteen = bytes(Int16Array.of(0, 16384, -32768, 32767));

  it.each<[string, Chunk, Uint8Array, number[]]>([
    ["8 bit", format(1, 1, 8000, 8), Uint8Array.of(128, 192, 0, 255), [0, 0.5, -1, 127 / 128]],
    ["16 bit", format(1, 1, 8000, 16), sixteen, [0, 0.5, -1, 32767 / 32768]],
    [
      "24 bit",
      format(1, 1, 8000, 24),
      Uint8Array.of(0, 0, 64, 0, 0, 128, 255, 255, 255),
      [0.5, -1, -1 / 8388608],
    ],
    ["32 bit", format(1, 1, 8000, 32), bytes(Int32Array.of(1 << 30, -(2 ** 31))), [0.5, -1]],
    ["float", format(3, 1, 8000, 32), bytes(Float32Array.of(0.5, -1.5)), [0.5, -1.5]],
    ["double", format(3, 1, 8000, 64), bytes(Float64Array.of(0.5, -1.5)), [0.5, -1.5]],
    ["stereo", format(1, 2, 8000, 16), bytes(Int16Array.of(0, 16384, -32768, 0)), [0.25, -0.5]],
    [
      "extensible",
      format(0xfffe, 1, 8000, 16, [22, 0, 16, 0, 4, 0, 0, 0, 1, 0, 0, 0]),
      sixteen,
      [0, 0.5, -1, 32767 / 32768],
    ],
  ])("reads %s", async (_, layout, data, wanted) => {
    const wav = await readWav(riff(layout, ["data", data]));
    expect([...wav.samples]).toEqual(wanted);
  });

  it("passes over other chunks, odd sizes included", async () => {
    const wav = await readWav(
      riff(["LIST", Uint8Array.of(1, 2, 3)], format(1, 1, 8000, 16), ["data", sixteen]),
    );
    expect(wav.samples.length).toBe(4);
  });

  it.each<[string, Chunk[]]>([
    ["one", [["LIST", Uint8Array.of(1, 2, 3, 4)]]],
    [
      "two",
      [
        ["LIST", Uint8Array.of(1)],
        ["id3 ", sixteen],
      ],
    ],
  ])("finds no sound in an empty file with %s more chunks", async (_, chunks) => {
    const empty: Chunk = ["data", new Uint8Array(0)];
    const wav = await readWav(riff(format(1, 1, 8000, 16), empty, ...chunks));
    expect(wav.samples.length).toBe(0);
  });

  it("reads a recording that was cut off to its end", async () => {
    for (const claimed of [0, 0xffffffff, 1000]) {
      const whole = new Uint8Array(
        await riff(format(1, 1, 8000, 16), ["data", sixteen]).arrayBuffer(),
      );
      new DataView(whole.buffer).setUint32(40, claimed, true);
      expect((await readWav(new Blob([whole]))).samples.length).toBe(4);
    }
  });

  it("reads any stretch on demand", async () => {
    const wav = await openWav(new Blob([writeWav(samples, 16000, "float32")]));
    expect(await wav?.read(2, 5)).toEqual(samples.slice(2, 5));
    expect(await wav?.read(6, 100)).toEqual(samples.slice(6));
    expect(await wav?.read(100, 200)).toEqual(new Float32Array(0));
  });

  it("leaves to the browser what is no PCM", async () => {
    expect(await openWav(new Blob(["OggS and more than twelve bytes"]))).toBeUndefined();
    expect(await openWav(new Blob([]))).toBeUndefined();
    expect(await openWav(riff(format(7, 1, 8000, 8), ["data", sixteen]))).toBeUndefined();
    await expect(readWav(new Blob(["no sound in here at all"]))).rejects.toThrow(DecodeError);
  });

  it("refuses a damaged file", async () => {
    await expect(openWav(riff(format(1, 1, 8000, 16)))).rejects.toThrow(DecodeError);
    await expect(openWav(riff(["fmt ", Uint8Array.of(1, 0, 1, 0)]))).rejects.toThrow(DecodeError);
    await expect(openWav(riff(format(1, 0, 8000, 16), ["data", sixteen]))).rejects.toThrow(
      DecodeError,
    );
  });
});
