import { readArchive } from "./archive.js";
import { disposeSymbol } from "./engine-handle.js";
import type { Instance } from "./instance.js";
import { LoadedModel } from "./model.js";
import type { Limits, Model, Source, Tract } from "./types.js";
import { packageVersion } from "./version.js";

export class LoadedTract implements Tract {
  readonly version: Tract["version"];
  readonly #instance: Instance;
  readonly #limits: Required<Limits>;

  constructor(instance: Instance, limits: Required<Limits>) {
    this.version = { package: packageVersion, tract: instance.handshake() };
    this.#instance = instance;
    this.#limits = limits;
  }

  get memoryBytes(): number {
    return this.#instance.memoryBytes;
  }

  async load(source: Source): Promise<Model> {
    this.#instance.check();
    const tar = await readArchive(source, this.#limits);
    return this.#instance.guarded(() => this.#load(tar));
  }

  loadTar(tar: Uint8Array): Model {
    return this.#instance.guardedNow(() => this.#load(tar));
  }

  #load(tar: Uint8Array): Model {
    const { entries, tensorBytes, depth } = this.#limits;
    const limits = JSON.stringify({ entries, tensorBytes, depth });
    this.#instance.check();
    const lengths = this.#instance.send(tar, limits) as [number, number];
    return new LoadedModel(this.#instance, this.#instance.call("load_model", ...lengths));
  }

  dispose(): void {
    this.#instance.end();
  }

  [disposeSymbol](): void {
    this.dispose();
  }
}
