import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Page as ChromiumPage, chromium } from "@playwright/test";
import { loadTract, tensor } from "tract-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chromiumArguments, findChromium } from "../../setup/browser.mjs";
import { inRoot, inVenv } from "../../setup/paths.mjs";
import { casesFolder, hasSpeech, makeCases, speechFile } from "./cases.mjs";
import { described, failures } from "./judge.mjs";
import { type Case, type Row, runCase } from "./run-cases.mjs";
import { serveCases } from "./server.mjs";
import { type Form, writeCase } from "./write-cases.mjs";

/** What page.mjs puts in the page. */
interface Page {
  runInPage(it: Case): Promise<Row[]>;
  writeInPage(it: Case): Promise<Form[]>;
}

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
  report.push(...rows.map((row) => described(where, row)));
  expect(rows.length, where).toBeGreaterThan(0);
  expect(failures(rows), where).toEqual([]);
}

const fromDisk = async (path: string) => new Uint8Array(await readFile(join(casesFolder, path)));

/** Opens the page that runs cases. */
async function inChromium(use: (page: ChromiumPage) => Promise<void>): Promise<void> {
  const { origin, close } = await serveCases();
  const executablePath = findChromium();
  const browser = await chromium.launch({
    args: chromiumArguments,
    ...(executablePath && { executablePath }),
  });
  try {
    const page = await browser.newPage();
    await page.goto(origin);
    await page.waitForFunction(() => "runInPage" in globalThis);
    await use(page);
  } finally {
    await browser.close();
    close();
  }
}

test("in Node, every case gives what PyTorch gives", { timeout: LONG }, async () => {
  const tract = await loadTract();
  for (const it of cases) judge("Node", await runCase(it, { get: fromDisk, tract }));
  tract.dispose();
});

test("in Chromium, every case gives what PyTorch gives", { timeout: LONG }, async () => {
  await inChromium(async (page) => {
    for (const it of cases) {
      const rows = await page.evaluate((it) => (globalThis as unknown as Page).runInPage(it), it);
      judge("Chromium", rows);
    }
  });
});

/** Holds archives, facts and streams of forms to native tract, which Python runs. */
function judgeForms(where: string, forms: readonly Form[]): void {
  for (const { case: name, form, refused } of forms) {
    if (refused)
      report.push(`${where}: ${name} ${form}: WriteError for ${refused.op} ${refused.node}`);
  }
  const file = join(casesFolder, `forms-${where}.json`);
  writeFileSync(file, JSON.stringify(forms));
  const script = inRoot("tests", "conformance", "reload.py");
  const answer = execFileSync(inVenv("python"), [script, casesFolder, file], {
    env: { ...process.env, PYTHONPATH: inRoot("exporter") },
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  judge(where, JSON.parse(answer));
}

test("written in Node, every form reloads natively; pulsing there and natively gives the same", {
  timeout: LONG,
}, async () => {
  const tract = await loadTract();
  const forms = [];
  for (const it of cases) forms.push(...(await writeCase(it, { get: fromDisk, tract })));
  tract.dispose();
  judgeForms("Node", forms);
});

test("written in Chromium, every form reloads natively; pulsing there and natively gives the same", {
  timeout: LONG,
}, async () => {
  const forms: Form[] = [];
  await inChromium(async (page) => {
    for (const it of cases) {
      const given = (it: Case) => (globalThis as unknown as Page).writeInPage(it);
      forms.push(...(await page.evaluate(given, it)));
    }
  });
  judgeForms("Chromium", forms);
});

test("natively, every case gives what PyTorch gives", { timeout: LONG }, () => {
  const made = spawnSync(
    "cargo",
    ["test", "--locked", "--quiet", "--test", "conformance", "--", "--ignored", "--nocapture"],
    {
      cwd: inRoot("wasm"),
      env: { ...process.env, NNEF_PULSE_CASES: casesFolder },
      encoding: "utf8",
    },
  );
  const rows = made.stdout.split("\n").filter((line) => line.startsWith("native: "));
  report.push(...rows);
  expect(made.status, made.stderr).toBe(0);
  for (const { name } of cases) expect(rows).toContainEqual(expect.stringContaining(` ${name} `));
});

test.skipIf(!hasSpeech)(
  "each pulse of 60 s of speech is as probable as the silero-vad package says",
  { timeout: LONG },
  async () => {
    const answer = join(casesFolder, "speech.json");
    const script = inRoot("tests", "python", "recipes", "silero_reference.py");
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
