import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { inVenv } from "../../../setup/paths.mjs";
import type { BundleManifest } from "../../../web/src/bundle/manifest.js";
import { readSafetensors } from "../../conformance/tensors.mjs";
import { sampleFile } from "../shared/page.js";
import { openCorePage } from "./page.js";
import { silero } from "./reference/reference.js";

const siteBundles = fileURLToPath(new URL("../../../dist/bundles/", import.meta.url));

/** A bundle on disk, and what a page calls it. */
interface Shelved {
  readonly folder: string;
  readonly address: string;
}

const manifestOf = ({ folder }: Shelved): BundleManifest =>
  JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));

/** Bundles of the site that find speech, whichever have been made. */
const bundles = (existsSync(siteBundles) ? readdirSync(siteBundles) : [])
  .map((name) => ({ name, folder: join(siteBundles, name), address: `bundles/${name}` }))
  .filter(({ folder }) => existsSync(join(folder, "manifest.json")))
  .filter((bundle) => {
    const { audio, pulses } = manifestOf(bundle);
    return audio !== undefined && pulses.length > 0;
  });

/** A tensor of a bundle's reference.safetensors, flattened. */
function reference({ folder }: Shelved, tensor: string): number[] {
  const tensors = readSafetensors(readFileSync(join(folder, "reference.safetensors")));
  return Array.from(tensors.get(tensor)?.data ?? [], Number);
}

function largest(found: readonly number[], wanted: readonly number[]): number {
  return Math.max(...found.map((p, n) => Math.abs(p - (wanted[n] as number))));
}

/** The reference's sound as a file gives the source's probabilities, each in its place. */
async function equalsItsSource(bundle: Shelved, made?: string) {
  const manifest = manifestOf(bundle);
  const sound = reference(bundle, manifest.inputs[0]?.name ?? "");
  const wanted = reference(bundle, manifest.outputs[0]?.name ?? "");
  const { page, complaints, close } = await openCorePage(made === undefined ? {} : { made });
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
    { bundle: bundle.address, samples: sound },
  );
  await close();
  expect(heard.frames.map(({ time }) => time)).toEqual(
    wanted.map((_, frame) => frame * heard.frameSamples),
  );
  // A stream cannot know where the sound ends: the last frames of a model that looks ahead differ.
  const tail = Math.max(0, ...manifest.verified.map((proof) => proof.tail?.frames ?? 0));
  const compared = heard.frames.length - tail;
  expect(compared).toBeGreaterThan(20);
  const found = heard.frames.slice(0, compared).map(({ p }) => p);
  expect(largest(found, wanted)).toBeLessThan(1e-4);
  expect(complaints).toEqual([]);
}

/** What the microphone gave equals what its recording, read as a file, gives; the recording as WAV. */
async function hearsTheMicrophone(bundle: Shelved, made?: string) {
  const { page, complaints, close } = await openCorePage({
    microphone: sampleFile,
    ...(made !== undefined && { made }),
  });
  const heard = await page.evaluate(async (bundle) => {
    const { Vad } = await import("./lib/vad.js" as string);
    const vad = await Vad.open({ bundle });
    interface Found {
      probabilities: number[];
      segments: [number, number][];
    }
    const found = async (events: AsyncIterable<never>): Promise<Found> => {
      const all: Found = { probabilities: [], segments: [] };
      for await (const event of events as AsyncIterable<Record<string, never>>) {
        if (event.type === "probability") all.probabilities.push(event.p as unknown as number);
        if (event.type === "speechend")
          all.segments.push([event.start as never, event.end as never]);
        if (event.type === "error") throw event.error;
      }
      return all;
    };
    const session = await vad.listen({ record: true });
    setTimeout(() => session.stop(), 9000);
    const live = await found(session.events());
    const wav: Blob = session.recording().toWav({ format: "float32" });
    const again = await found(vad.file(wav).events());
    const bytes = Array.from(new Uint8Array(await wav.arrayBuffer()));
    return { live, again, bytes, dropped: session.figures.dropped as number };
  }, bundle.address);
  await close();
  expect(heard.dropped).toBe(0);
  expect(heard.live.probabilities.length).toBeGreaterThan(200);
  expect(heard.live.probabilities).toHaveLength(heard.again.probabilities.length);
  expect(largest(heard.live.probabilities, heard.again.probabilities)).toBeLessThan(1e-4);
  expect(heard.live.segments.length).toBeGreaterThan(0);
  expect(heard.live.segments).toEqual(heard.again.segments);
  expect(complaints).toEqual([]);
  return { ...heard.live, wav: Buffer.from(heard.bytes) };
}

for (const bundle of bundles) {
  test(`${bundle.name}: a file's probabilities, its delay taken off, are those of the source`, () =>
    equalsItsSource(bundle));

  test(`${bundle.name}: the microphone finds what its recording gives`, async () => {
    await hearsTheMicrophone(bundle);
  });
}

/** The rate of telephones: a bundle the site does not carry. */
test.describe("silero-vad at 8 kHz", () => {
  test.describe.configure({ mode: "serial" });
  let made: string;
  let bundle: Shelved;

  test.beforeAll(async () => {
    made = await mkdtemp(join(tmpdir(), "nnef-pulse-8k-"));
    bundle = { folder: join(made, "silero-vad-8k"), address: "made/silero-vad-8k" };
    const options = ["export", "silero-vad", "--with", "rate=8000", "-o", bundle.folder];
    await promisify(execFile)(inVenv("nnef-pulse"), options);
  });

  test.afterAll(() => rm(made, { recursive: true, force: true }));

  test("a file's probabilities are those of the source", async () => {
    expect(manifestOf(bundle).audio).toMatchObject({ sampleRate: 8000, samplesPerPulse: 256 });
    await equalsItsSource(bundle, made);
  });

  test("the microphone finds what the silero-vad package finds in what was captured", async () => {
    const heard = await hearsTheMicrophone(bundle, made);
    const recording = test.info().outputPath("captured-8k.wav");
    await writeFile(recording, heard.wav);
    const { probabilities, segments } = await silero(recording);
    expect(heard.probabilities).toHaveLength(probabilities.length);
    expect(largest(heard.probabilities, probabilities)).toBeLessThan(1e-4);
    expect(heard.segments).toEqual(segments);
  });
});
