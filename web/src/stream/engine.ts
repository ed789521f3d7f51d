import type { RemoteRunnable, RemoteState, RemoteTract } from "tract-wasm/worker";
import { connect } from "tract-wasm/worker";
import { assetsHint } from "../base/assets.js";
import { BundleError, EngineError, type VadError } from "../base/errors.js";
import type { Bundle } from "../bundle/load.js";
import { older } from "../bundle/version.js";
import type { PulseForm } from "./ports.js";
import { SharedPool } from "./shared-pool.js";

/** A pulsed model, prepared. */
interface PreparedModel {
  readonly runnable: RemoteRunnable;
  /** `pulse.delay` of the archive. */
  readonly delays: readonly number[];
}

/** One stream's state in the engine, and its part in what all streams share. */
export interface EngineLease extends PreparedModel {
  readonly state: RemoteState;
  /** Frees the state; the last stream ends the worker. */
  release(): void;
  /** Keeps an engine that died from later streams. */
  evict(): void;
}

/** Where the engine's files are. Undefined: beside this one. */
export interface EngineUrls {
  readonly wasm: URL;
  readonly worker: URL | undefined;
}

/** One worker and one engine in it for all streams of a page. */
const engines = new SharedPool<RemoteTract>((tract) => tract.dispose());
const models = new SharedPool<PreparedModel>(({ runnable }) => runnable.dispose());

const MODEL = "model.nnef.tgz";

/** @throws EngineError, BundleError */
export async function leaseEngine(
  bundle: Bundle,
  form: PulseForm,
  { wasm, worker }: EngineUrls,
): Promise<EngineLease> {
  const file = form.file ?? MODEL;
  const place = `${wasm.href} ${worker?.href}`;
  const engine = engines.acquire(place, () =>
    connect({ wasm, ...(worker && { workerUrl: worker }) }).catch((error) => {
      const message = `The engine could not be loaded from ${wasm.href}. ${assetsHint}`;
      throw new EngineError(message, "engine-unreachable", error);
    }),
  );
  const from = `${place} ${bundle.url(file).href} ${form.symbol}=${form.pulse}`;
  const model = models.acquire(from, () => prepare(engine.value, bundle, form, file));
  const release = () => {
    model.release();
    engine.release();
  };
  try {
    const prepared = await model.value;
    const state = await prepared.runnable.spawnState();
    return {
      ...prepared,
      state,
      release: () => {
        state.dispose();
        release();
      },
      evict: () => {
        model.evict();
        engine.evict();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

async function prepare(
  engine: Promise<RemoteTract>,
  bundle: Bundle,
  form: PulseForm,
  file: string,
): Promise<PreparedModel> {
  const { made: _, oldest } = bundle.manifest.engine;
  // Both at once; each is awaited below.
  const reading = bundle.file(file);
  reading.catch(() => undefined);
  const tract = await engine;
  const where = { file: bundle.url(file).href };
  const { tract: version } = tract.version;
  if (older(version, oldest)) {
    const message = `${file} needs tract ${oldest} or later; this engine is ${version}.`;
    throw new BundleError(message, "engine-too-old", { ...where, field: "engine.oldest" });
  }
  const bytes = await reading;
  try {
    const loaded = await tract.load(bytes);
    // A form that NNEF cannot express has no file: the engine makes it from the whole model.
    const pulsed = form.file === undefined ? await loaded.pulse(form.symbol, form.pulse) : loaded;
    const open = Object.fromEntries(pulsed.symbols.map((symbol) => [symbol, 1]));
    const closed = pulsed.symbols.length > 0 ? await pulsed.setSymbols(open) : pulsed;
    const runnable = await closed.prepare();
    const delays = [pulsed.properties["pulse.delay"] ?? []].flat(2).map(Number);
    for (const model of new Set([loaded, pulsed, closed])) model.dispose();
    return { runnable, delays };
  } catch (error) {
    if (hasDied(error)) throw runError(error);
    const message = `${file} cannot be used: ${error instanceof Error ? error.message : error}`;
    throw new BundleError(message, "model-refused", where, error);
  }
}

/** Whether an error of the engine is the end of it. */
export function hasDied(error: unknown): boolean {
  return ["trap", "worker", "deadline"].includes((error as { code?: string }).code ?? "");
}

/** A failed run as an error of this package. */
export function runError(error: unknown): VadError {
  const code = hasDied(error) ? "engine-died" : "run-failed";
  const message = error instanceof Error ? error.message : String(error);
  return new EngineError(`The engine failed: ${message}`, code, error);
}
