import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { chromium } from "@playwright/test";
import { loadTract, tensor } from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumArguments, findChromium } from "../../setup/browser.mjs";
import { inRoot, inVenv } from "../../setup/places.mjs";
import { type Case, casesFolder, hasSpeech, makeCases, speechFile } from "./cases.js";
import { runCase } from "./run-cases.mjs";

interface Row {
  what: string;
  error: number;
  compared: number;
  tolerance: number;
}

/** What page.mjs puts in the page. */
interface Page {
  runInPage(it: Case): Promise<Row[]>;
}

const html = '<!doctype html><script type="module" src="/tests/conformance/page.mjs"></script>';
const LONG = 600_000;
let cases: Case[];
const report: string[] = [];

beforeAll(() => {
  const made = makeCases();
  cases = made.cases;
  if (made.missing.length > 0)
    report.push(`not built, so not compared: ${made.missing.join(", ")}`);
}, LONG);

afterAll(() => {
  console.info(report.join("\n"));
});

/** Holds every row to its tolerance, and says how far each was. */
function judge(where: string, rows: readonly Row[]): void {
  for (const { what, error, compared, tolerance } of rows) {
    report.push(`${where}: ${what}: largest error ${error.toExponential(1)} over ${compared}`);
    expect(compared, what).toBeGreaterThan(0);
    expect(error, what).toBeLessThanOrEqual(tolerance);
  }
}

test("in Node, every case gives what PyTorch gives", { timeout: LONG }, async () => {
  const tract = await loadTract();
  const get = async (path: string) => new Uint8Array(await readFile(join(casesFolder, path)));
  for (const it of cases) judge("Node", await runCase(it, { get, tract }));
  tract.dispose();
});

test("in Chromium, every case gives what PyTorch gives", { timeout: LONG }, async () => {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? "/", "http://here").pathname);
    const type = { ".js": "text/javascript", ".mjs": "text/javascript", ".html": "text/html" };
    const file = path.startsWith("/cases/")
      ? join(casesFolder, path.slice("/cases/".length))
      : inRoot(path.slice(1));
    try {
      const body = path === "/" ? html : await readFile(file);
      const known = type[(extname(path) || ".html") as keyof typeof type];
      response.writeHead(200, { "content-type": known ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const executablePath = findChromium();
  const browser = await chromium.launch({
    args: chromiumArguments,
    ...(executablePath && { executablePath }),
  });
  try {
    const page = await browser.newPage();
    await page.goto(origin);
    await page.waitForFunction(() => "runInPage" in globalThis);
    for (const it of cases) {
      const rows = await page.evaluate((it) => (globalThis as unknown as Page).runInPage(it), it);
      judge("Chromium", rows);
    }
  } finally {
    await browser.close();
    server.close();
  }
});

test("natively, every case gives what PyTorch gives", { timeout: LONG }, () => {
  const made = spawnSync(
    "cargo",
    ["test", "--locked", "--quiet", "--test", "conformance", "--", "--nocapture"],
    {
      cwd: inRoot("wasm"),
      env: { ...process.env, NNEF_PULSE_CASES: casesFolder },
      encoding: "utf8",
    },
  );
  report.push(...made.stdout.split("\n").filter((line) => line.startsWith("native: ")));
  expect(made.status, made.stderr).toBe(0);
});

test.skipIf(!hasSpeech)(
  "each pulse of 60 s of speech is as probable as the silero-vad package says",
  { timeout: LONG },
  async () => {
    const answer = join(casesFolder, "speech.json");
    const script = inRoot("tests", "python", "silero_reference.py");
    execFileSync(inVenv("python"), [script, speechFile, answer]);
    const { probabilities } = JSON.parse(readFileSync(answer, "utf8"));
    const wav = readFileSync(speechFile);
    const samples = new Int16Array(wav.buffer, wav.byteOffset + 44, (wav.length - 44) / 2);

    const tract = await loadTract();
    const model = await tract.load(await readFile(join(casesFolder, "silero-vad/model.nnef.tgz")));
    const state = model.pulse("T", 1).prepare().spawnState();
    let largest = 0;
    let pulses = 0;
    for (let at = 0; at + 512 <= samples.length; at += 512) {
      const pulse = Float32Array.from(samples.subarray(at, at + 512), (sample) => sample / 32768);
      const { probability } = state.run({ input: tensor(pulse, [1, 512]) });
      const error = Math.abs(Number(probability?.data[0]) - probabilities[pulses]);
      if (!(error <= largest)) largest = error;
      pulses += 1;
    }
    tract.dispose();
    report.push(`Node: 60 s of speech: largest error ${largest.toExponential(1)} over ${pulses}`);
    expect(pulses).toBe(1875);
    expect(largest).toBeLessThanOrEqual(1e-4);
  },
);
