import type { BundleReading } from "nnef-pulse/reading";
import type { Tensor } from "tract-wasm";
import { connect, type RemoteModel, type RemoteTract } from "tract-wasm/worker";

/** No call of a walkthrough takes longer than this on a model it can show. */
const DEADLINE_MS = 60_000;

/** One worker for the page, whatever bundles its sections are about. */
let connecting: Promise<RemoteTract> | undefined;

function shared(): Promise<RemoteTract> {
  connecting ??= connect({ deadlineMs: DEADLINE_MS }).catch((error: unknown) => {
    connecting = undefined;
    throw error;
  });
  return connecting;
}

/** Tensors by the model's names. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** The engine in its worker, with one bundle's whole model loaded. */
export class Engine {
  readonly tract: RemoteTract;
  /** `model.nnef.tgz`, its symbols open. */
  readonly whole: RemoteModel;
  readonly #reading: BundleReading;

  private constructor(tract: RemoteTract, whole: RemoteModel, reading: BundleReading) {
    this.tract = tract;
    this.whole = whole;
    this.#reading = reading;
  }

  /** @throws TractError, BundleError */
  static async start(reading: BundleReading): Promise<Engine> {
    const [tract, bytes] = await Promise.all([shared(), reading.bytes(reading.fileOf("model"))]);
    return new Engine(tract, await tract.load(bytes.slice()), reading);
  }

  /** Another archive of the same bundle, by its file's name. @throws TractError, BundleError */
  async load(file: string): Promise<RemoteModel> {
    return this.tract.load((await this.#reading.bytes(file)).slice());
  }

  /** One stateless run of a model that is not kept prepared. @throws TractError */
  async run(model: RemoteModel, inputs: Tensors): Promise<Tensors> {
    const runnable = await model.prepare();
    try {
      return await runnable.run(inputs);
    } finally {
      runnable.dispose();
    }
  }
}

/** The output of a model that has one. */
export function only(outputs: Tensors): Tensor {
  const [first] = Object.values(outputs);
  if (!first) throw new Error("the model has no output");
  return first;
}
