import { existsSync, readFileSync } from "node:fs";
import { type ErrorCode, TractError } from "tract-wasm";
import { connect, type RemoteTract } from "tract-wasm/worker";
import { expect, test } from "vitest";
import { inRoot } from "../../setup/places.mjs";
import { cached, doubling, moving, strided } from "./archives.js";
import { mutated, unzipped } from "./mutations.js";

// NNEF_PULSE_FUZZ=10000 for the long run; NNEF_PULSE_FUZZ_FROM to begin at another seed.
const count = Number(process.env.NNEF_PULSE_FUZZ ?? 150);
const from = Number(process.env.NNEF_PULSE_FUZZ_FROM ?? 0);
// The bar is 2000 ms on a machine at rest; a busy one must not fail the short run.
const DEADLINE_MS = Number(process.env.NNEF_PULSE_FUZZ_DEADLINE ?? 20_000);

const real = ["silero-vad/pulse-T1", "custom-deepspeech/model", "digits-vit/model", "albert/model"]
  .map((name) => inRoot("dist", "bundles", `${name}.nnef.tgz`))
  .filter(existsSync)
  .map((file) => unzipped(new Uint8Array(readFileSync(file))));

const ANSWERS: readonly ErrorCode[] = ["archive", "limit", "model", "trap", "deadline"];

test(`${count} damaged archives load or are typed errors, and the next load works`, {
  timeout: 3_600_000,
}, async () => {
  const archives = [doubling, moving, strided, cached, ...real];
  const limits = { archiveBytes: 1 << 26, unpackedBytes: 1 << 27, tensorBytes: 1 << 26 };
  const tally = new Map<string, number>();
  const overran: string[] = [];
  const traps = new Map<string, number[]>();
  let tract: RemoteTract = await connect({ deadlineMs: DEADLINE_MS, limits });
  let sinceGood = 0;
  for (let seed = from; seed < from + count; seed++) {
    const { bytes, what } = mutated(archives, seed);
    let answer = "loads";
    try {
      const model = await tract.load(bytes);
      model.dispose();
    } catch (error) {
      expect(error, `seed ${seed}, ${what}`).toBeInstanceOf(TractError);
      const { code, message } = error as TractError;
      expect(ANSWERS, `seed ${seed}, ${what}: ${message}`).toContain(code);
      answer = code;
      if (code === "trap" || code === "deadline") {
        tract.dispose();
        tract = await connect({ deadlineMs: DEADLINE_MS, limits });
      }
      if (code === "deadline") overran.push(`seed ${seed}, ${what}`);
      if (code === "trap") {
        // Explained: the engine said what it could not do, or the stack or the memory was at its end.
        expect(message, `seed ${seed}, ${what}`).not.toMatch(/: RuntimeError/);
        const where = message.replace(/\d{3,}/g, "N").slice(0, 160);
        traps.set(where, [...(traps.get(where) ?? []), seed]);
      }
    }
    tally.set(answer, (tally.get(answer) ?? 0) + 1);
    if (++sinceGood === 25 || answer === "trap" || answer === "deadline") {
      sinceGood = 0;
      expect((await tract.load(moving)).symbols).toEqual(["S"]);
    }
  }
  tract.dispose();
  console.info(Object.fromEntries(tally), overran, Object.fromEntries(traps));
});
