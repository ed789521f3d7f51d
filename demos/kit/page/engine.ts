import type { BundleReading } from "nnef-pulse/reading";
import type { Tensor } from "tract-wasm";
import { connect, type RemoteModel, type RemoteTract } from "tract-wasm/worker";

/** A call that takes longer is treated as hung. */
const DEADLINE_MS = 60_000;

/** One worker for all bundles of the page. */
let connection: Promise<RemoteTract> | undefined;

function sharedWorker(): Promise<RemoteTract> {
  connection ??= connect({ deadlineMs: DEADLINE_MS }).catch((error: unknown) => {
    connection = undefined;
    throw error;
  });
  return connection;
}

/** Tensors by input or output name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** The engine in its worker, with the whole model of one bundle loaded. */
export class Engine {
  readonly tract: RemoteTract;
  /** `model.nnef.tgz` with open symbols. */
  readonly whole: RemoteModel;
  readonly #reading: BundleReading;

  private constructor(tract: RemoteTract, whole: RemoteModel, reading: BundleReading) {
    this.tract = tract;
    this.whole = whole;
    this.#reading = reading;
  }

  /** @throws TractError, BundleError */
  static async start(reading: BundleReading): Promise<Engine> {
    const [tract, bytes] = await Promise.all([
      sharedWorker(),
      reading.bytes(reading.fileOf("model")),
    ]);
    return new Engine(tract, await tract.load(bytes.slice()), reading);
  }

  /** Loads another archive of the bundle. @throws TractError, BundleError */
  async load(file: string): Promise<RemoteModel> {
    return this.tract.load((await this.#reading.bytes(file)).slice());
  }

  /** Prepares a model, runs it once without state, and disposes of the prepared model. @throws TractError */
  async run(model: RemoteModel, inputs: Tensors): Promise<Tensors> {
    const runnable = await model.prepare();
    try {
      return await runnable.run(inputs);
    } finally {
      runnable.dispose();
    }
  }
}

/** The output of a model with a single output. */
export function onlyOutput(outputs: Tensors): Tensor {
  const [first] = Object.values(outputs);
  if (!first) throw new Error("the model has no output");
  return first;
}
