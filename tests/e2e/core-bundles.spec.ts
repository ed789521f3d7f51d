import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import type { BundleManifest } from "../../web/src/bundle/manifest.js";
import { openCorePage } from "./core-page.js";

const folder = new URL("../../dist/bundles/", import.meta.url);

/** Bundles of the site that find speech, whichever have been made. */
const bundles = (existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [])
  .filter((entry) => existsSync(new URL(`${entry.name}/manifest.json`, folder)))
  .map(({ name }) => ({
    name,
    manifest: JSON.parse(
      readFileSync(new URL(`${name}/manifest.json`, folder), "utf8"),
    ) as BundleManifest,
  }))
  .filter(({ manifest }) => manifest.audio !== undefined && manifest.pulses.length > 0);

/** A tensor of float32 in a bundle's reference.safetensors, flattened. */
function reference(bundle: string, tensor: string): number[] {
  const file = readFileSync(new URL(`${bundle}/reference.safetensors`, folder));
  const size = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString("utf8", 8, 8 + size));
  const [from, to]: [number, number] = header[tensor].data_offsets;
  const bytes = file.subarray(8 + size + from, 8 + size + to);
  return Array.from({ length: bytes.length / 4 }, (_, n) => bytes.readFloatLE(4 * n));
}

for (const { name, manifest } of bundles) {
  test(`${name}: a stream's probabilities, its delay taken off, are those of the source`, async () => {
    const sound = reference(name, manifest.inputs[0]?.name ?? "");
    const wanted = reference(name, manifest.outputs[0]?.name ?? "");
    const { page, complaints, close } = await openCorePage();
    const heard = await page.evaluate(
      async ({ bundle, samples }) => {
        const { Vad } = await import("./lib/vad.js" as string);
        const { writeWav } = await import("./lib/wav.js" as string);
        const vad = await Vad.open({ bundle });
        const wav = writeWav(Float32Array.from(samples), vad.sampleRate, "float32");
        const frames: { time: number; p: number }[] = [];
        for await (const event of vad.file(new Blob([wav])).events()) {
          if (event.type === "probability") frames.push({ time: event.time, p: event.p });
          if (event.type === "error") throw event.error;
        }
        return { frames, frameSamples: vad.frameSamples as number };
      },
      { bundle: `bundles/${name}`, samples: sound },
    );
    await close();
    expect(heard.frames.map(({ time }) => time)).toEqual(
      wanted.map((_, frame) => frame * heard.frameSamples),
    );
    // A stream cannot know where the sound ends: the last frames of a model that looks ahead differ.
    const tail = Math.max(0, ...manifest.verified.map((proof) => proof.tail?.frames ?? 0));
    const errors = heard.frames.map(({ p }, n) => Math.abs(p - (wanted[n] as number)));
    expect(errors.length - tail).toBeGreaterThan(20);
    expect(Math.max(...errors.slice(0, errors.length - tail))).toBeLessThan(1e-4);
    expect(complaints).toEqual([]);
  });
}
