import type { Tensor } from "tract-wasm";
import { fetchBytes } from "../bundle/fetch-file.js";
import { type Bundle, loadBundle } from "../bundle/load.js";
import type { BundleManifest } from "../bundle/manifest.js";
import { Archive } from "../formats/archive.js";
import { readSafetensors } from "../formats/safetensors.js";
import { propertiesOf } from "../model/properties.js";
import { type ModelView, viewOf } from "../model/view.js";
import { type Window, windowsAlong } from "./windows.js";

const WHOLE = "model.nnef.tgz";
const REFERENCE = "reference.safetensors";
const HELD_OUT = "held-out.safetensors";

/** An archive of a bundle, read without the engine. */
export interface ArchiveReading {
  /** Its file name without extension: `model`, `pulse-S8`. */
  readonly stem: string;
  readonly file: string;
  readonly view: ModelView;
  /** Properties as written, e.g. `pulse.delay` → `3`. */
  readonly properties: ReadonlyMap<string, string>;
}

/** Reads a bundle from its files; each is fetched once, on request. */
export class BundleReading {
  static readonly #known = new Map<string, Promise<BundleReading>>();
  readonly manifest: BundleManifest;
  readonly #bundle: Bundle;
  readonly #files = new Map<string, Promise<Uint8Array>>();
  readonly #archives = new Map<string, Promise<ArchiveReading>>();

  private constructor(bundle: Bundle) {
    this.#bundle = bundle;
    this.manifest = bundle.manifest;
  }

  /**
   * @param url the bundle's folder, relative to the document
   * @throws BundleError
   */
  static open(url: string): Promise<BundleReading> {
    const { href } = new URL(url.endsWith("/") ? url : `${url}/`, document.baseURI);
    const opening =
      BundleReading.#known.get(href) ??
      loadBundle(href).then((bundle) => new BundleReading(bundle));
    BundleReading.#known.set(href, opening);
    // A failed read may be tried again.
    opening.catch(() => BundleReading.#known.delete(href));
    return opening;
  }

  /** Reads a file of the bundle. @throws BundleError */
  bytes(file: string): Promise<Uint8Array> {
    return kept(this.#files, file, () => this.#bundle.file(file));
  }

  /**
   * Reads an archive by its name without extension; `pulse` is the first pulsed form.
   *
   * @throws BundleError, InspectError
   */
  archive(name: string): Promise<ArchiveReading> {
    const file = this.fileOf(name);
    return kept(this.#archives, file, async () =>
      read(file, await this.bytes(file), this.manifest.title),
    );
  }

  /** File name of an archive: see {@link archive}. */
  fileOf(name: string): string {
    if (name === "model") return WHOLE;
    return (name === "pulse" ? this.manifest.pulses[0]?.file : undefined) ?? `${name}.nnef.tgz`;
  }

  /** The streaming symbol; without a pulsed form, the first symbol. */
  get symbol(): string {
    return this.manifest.pulses[0]?.symbol ?? this.manifest.symbols[0] ?? "";
  }

  /** The windows along time of the whole model. @throws BundleError, InspectError */
  async windows(): Promise<readonly Window[]> {
    const { view } = await this.archive("model");
    return windowsAlong(view, this.symbol);
  }

  /** Inputs and outputs of the source framework. @throws BundleError, InspectError */
  async reference(): Promise<ReadonlyMap<string, Tensor>> {
    return readSafetensors(await this.bytes(REFERENCE), REFERENCE);
  }

  /**
   * Test data that was not used in training, items along the first axis: the model's inputs, and `expected`.
   *
   * @throws BundleError if the bundle has none; InspectError
   */
  async heldOut(): Promise<ReadonlyMap<string, Tensor>> {
    return readSafetensors(await this.bytes(HELD_OUT), HELD_OUT);
  }
}

/**
 * Reads an archive that is not part of a bundle.
 *
 * @param url relative to the document
 * @throws BundleError if it cannot be fetched, InspectError if it cannot be read
 */
export async function archiveAt(url: string | URL): Promise<ArchiveReading> {
  const address = new URL(url, document.baseURI);
  const file = address.pathname.split("/").at(-1) ?? "";
  return read(file, await fetchBytes(address), stemOf(file));
}

async function read(file: string, bytes: Uint8Array, title: string): Promise<ArchiveReading> {
  const view = await viewOf(await Archive.open(bytes), title);
  const properties = propertiesOf(view.document, view.text);
  return { stem: stemOf(file), file, view, properties };
}

const stemOf = (file: string): string => file.replace(/\.nnef\.t(?:ar\.)?gz$/, "");

function kept<Value>(
  known: Map<string, Promise<Value>>,
  key: string,
  make: () => Promise<Value>,
): Promise<Value> {
  const making = known.get(key) ?? make();
  known.set(key, making);
  making.catch(() => known.delete(key));
  return making;
}
