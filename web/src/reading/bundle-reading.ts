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

/** One archive of a bundle, read as text: no engine is needed. */
export interface ArchiveReading {
  /** Its name without ending: `model`, `pulse-S8`. */
  readonly stem: string;
  readonly file: string;
  readonly view: ModelView;
  /** As written, e.g. `pulse.delay` → `3`. */
  readonly properties: ReadonlyMap<string, string>;
}

/** A bundle as its files tell it, each fetched and read once, when first asked for. */
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
    // What failed may be asked for again.
    opening.catch(() => BundleReading.#known.delete(href));
    return opening;
  }

  /** The bytes of a file of the bundle. @throws BundleError */
  bytes(file: string): Promise<Uint8Array> {
    return kept(this.#files, file, () => this.#bundle.file(file));
  }

  /**
   * An archive by its name without ending; `pulse` is the first pulsed form, whatever its size.
   *
   * @throws BundleError, InspectError
   */
  archive(name: string): Promise<ArchiveReading> {
    const file = this.fileOf(name);
    return kept(this.#archives, file, async () =>
      read(file, await this.bytes(file), this.manifest.title),
    );
  }

  /** File of an archive: see {@link archive}. */
  fileOf(name: string): string {
    if (name === "model") return WHOLE;
    return (name === "pulse" ? this.manifest.pulses[0]?.file : undefined) ?? `${name}.nnef.tgz`;
  }

  /** The size that streams; where nothing does, the first that is open. */
  get symbol(): string {
    return this.manifest.pulses[0]?.symbol ?? this.manifest.symbols[0] ?? "";
  }

  /** What a frame of the whole model passes on its way through time. @throws BundleError, InspectError */
  async windows(): Promise<readonly Window[]> {
    const { view } = await this.archive("model");
    return windowsAlong(view, this.symbol);
  }

  /** Inputs and outputs as the source framework computed them. @throws BundleError, InspectError */
  async reference(): Promise<ReadonlyMap<string, Tensor>> {
    return readSafetensors(await this.bytes(REFERENCE), REFERENCE);
  }

  /**
   * Data the weights never saw, items along the first axis: by the model's inputs, and `expected`.
   *
   * @throws BundleError where the bundle has none; InspectError
   */
  async heldOut(): Promise<ReadonlyMap<string, Tensor>> {
    return readSafetensors(await this.bytes(HELD_OUT), HELD_OUT);
  }
}

/**
 * An archive that lies by itself, in no bundle.
 *
 * @param url relative to the document
 * @throws BundleError when it cannot be had, InspectError when it cannot be read
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
