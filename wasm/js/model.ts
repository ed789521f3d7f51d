import { gzip } from "./archive.js";
import { checkOptions } from "./checks/options.js";
import { disposeSymbol, EngineHandle } from "./engine-handle.js";
import { InputError } from "./errors.js";
import type { Instance } from "./instance.js";
import { PreparedModel } from "./runnable.js";
import type { Fact, Graph, Json, Model, PrepareOptions, Runnable } from "./types.js";

/** Description of a model, as the engine returns it. */
interface ModelDescription {
  inputs: Fact[];
  outputs: Fact[];
  symbols: string[];
  asserts: string[];
  modes: Record<string, string[]>;
  properties: Record<string, Json>;
}

export class LoadedModel implements Model {
  readonly inputs: readonly Fact[];
  readonly outputs: readonly Fact[];
  readonly symbols: readonly string[];
  readonly asserts: readonly string[];
  readonly modes: Readonly<Record<string, readonly string[]>>;
  readonly properties: Readonly<Record<string, Json>>;
  readonly #handle: EngineHandle;

  constructor(instance: Instance, id: number) {
    this.#handle = new EngineHandle(instance, id, "model");
    const description = instance.json<ModelDescription>("model_about", id);
    this.inputs = description.inputs;
    this.outputs = description.outputs;
    this.symbols = description.symbols;
    this.asserts = description.asserts;
    this.modes = description.modes;
    this.properties = description.properties;
  }

  setSymbols(values: Readonly<Record<string, number>>): Model {
    for (const [name, value] of Object.entries(values)) {
      if (!Number.isSafeInteger(value)) {
        throw new InputError(`symbol ${name} must be an integer, not ${value}`, "symbols");
      }
    }
    return this.#derived("model_set_symbols", values);
  }

  pulse(symbol: string, pulse: number): Model {
    if (!Number.isSafeInteger(pulse)) {
      throw new InputError(`pulse must be an integer number of frames, not ${pulse}`);
    }
    return this.#derived("model_pulse", [symbol, pulse]);
  }

  #derived(call: "model_set_symbols" | "model_pulse", options: unknown): Model {
    const { id, instance } = this.#handle;
    const [length] = instance.send(JSON.stringify(options)) as [number];
    return new LoadedModel(instance, instance.call(call, id, length));
  }

  graph(): Graph {
    return this.#handle.instance.json<Graph>("model_graph", this.#handle.id);
  }

  async toNnef(): Promise<Uint8Array> {
    return gzip(this.toTar());
  }

  toTar(): Uint8Array {
    const { id, instance } = this.#handle;
    instance.call("model_write", id);
    return instance.replyBytes();
  }

  prepare(options: PrepareOptions = {}): Runnable {
    checkOptions("prepare", options, ["optimize"]);
    const { optimize = true } = options;
    const { id, instance } = this.#handle;
    return new PreparedModel(instance, instance.call("model_prepare", id, Number(optimize)), this);
  }

  dispose(): void {
    this.#handle.dispose();
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}
