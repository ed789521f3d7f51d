import { existsSync, readFileSync } from "node:fs";
import { TractError } from "tract-wasm";
import { connect, type RemoteTract } from "tract-wasm/worker";
import { expect, test } from "vitest";
import { inRoot } from "../../../setup/paths.mjs";
import { cached, doubling, moving, strided } from "../archives.js";
import { mutated, unzipped } from "./mutations.js";

// NNEF_PULSE_FUZZ=10000 for the long run; NNEF_PULSE_FUZZ_FROM to begin at another seed.
const count = Number(process.env.NNEF_PULSE_FUZZ ?? 150);
const from = Number(process.env.NNEF_PULSE_FUZZ_FROM ?? 0);
const DEADLINE_MS = Number(process.env.NNEF_PULSE_FUZZ_DEADLINE ?? 2000);
/** What a busy machine may take for what takes the engine no longer than the deadline. */
const PATIENCE = 20;

const real = ["silero-vad/pulse-T1", "custom-deepspeech/model", "digits-vit/model", "albert/model"]
  .map((name) => inRoot("dist", "bundles", `${name}.nnef.tgz`))
  .filter(existsSync)
  .map((file) => unzipped(new Uint8Array(readFileSync(file))));

const archives = [doubling, moving, strided, cached, ...real];
const limits = { archiveBytes: 1 << 26, unpackedBytes: 1 << 27, tensorBytes: 1 << 26 };

/** What a damaged archive may come to: no trap, and not to overrun the deadline. */
const ANSWERS = ["loads", "archive", "limit", "model"];

interface Outcome {
  answer: string;
  message: string;
}

/** Loads `bytes` by a worker's engine; an answer that ends the worker ends `tract`. */
async function outcome(tract: RemoteTract, bytes: Uint8Array): Promise<Outcome> {
  try {
    const model = await tract.load(bytes);
    model.dispose();
    return { answer: "loads", message: "" };
  } catch (error) {
    if (!(error instanceof TractError)) throw error;
    return { answer: error.code, message: error.message };
  }
}

/**
 * As `outcome`, in a worker of its own that is given time: what takes the processor no longer than
 * the deadline is no hang, only a machine with other work. Between the two readings this process
 * does nothing else.
 */
async function patiently(bytes: Uint8Array): Promise<Outcome> {
  const tract = await connect({ deadlineMs: PATIENCE * DEADLINE_MS, limits });
  await tract.load(moving);
  const before = process.cpuUsage();
  const found = await outcome(tract, bytes);
  const { user, system } = process.cpuUsage(before);
  tract.dispose();
  return (user + system) / 1000 > DEADLINE_MS ? { answer: "deadline", message: "" } : found;
}

test(`${count} damaged archives load or are typed errors, and the next load works`, {
  timeout: 7_200_000,
}, async () => {
  const tally = new Map<string, number>();
  const aborts = new Map<string, number[]>();
  const start = () => connect({ deadlineMs: DEADLINE_MS, limits });
  let tract = await start();
  const judged = async (bytes: Uint8Array): Promise<Outcome> => {
    const found = await outcome(tract, bytes);
    if (found.answer !== "deadline") return found;
    tract.dispose();
    tract = await start();
    return patiently(bytes);
  };
  let sinceGood = 0;
  for (let seed = from; seed < from + count; seed++) {
    const { bytes, what } = mutated(archives, seed);
    const { answer, message } = await judged(bytes);
    expect(ANSWERS, `seed ${seed}, ${what}: ${message}`).toContain(answer);
    const aborted = message.startsWith("the engine cannot load this model");
    if (aborted) {
      // Explained: the engine said what it could not do, or the stack or the memory was at its end.
      expect(message, `seed ${seed}, ${what}`).not.toMatch(/: RuntimeError/);
      const where = message.replace(/\d{3,}/g, "N").slice(0, 160);
      aborts.set(where, [...(aborts.get(where) ?? []), seed]);
    }
    tally.set(answer, (tally.get(answer) ?? 0) + 1);
    if (++sinceGood === 25 || aborted) {
      sinceGood = 0;
      expect((await judged(moving)).answer, `after seed ${seed}`).toBe("loads");
    }
  }
  tract.dispose();
  console.info(Object.fromEntries(tally), Object.fromEntries(aborts));
});
