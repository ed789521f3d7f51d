import type { Vad } from "nnef-pulse/vad";

/** The complete silero-vad bundle on this site. */
export const ownBundle = "./bundles/silero-vad/";

/** The requested model is on another site; nothing is fetched from there. */
export class ForeignBundleError extends Error {
  readonly code = "bundle-elsewhere";
  readonly file: string;

  constructor(url: URL) {
    super(`${url.href} is not on ${location.origin}`);
    this.file = url.href;
  }
}

/** Loads engine and model after the first paint. */
export class EngineLoader {
  /** Bundle from the page's query (`?bundle=`); null after the user chose the site's own. */
  requestedBundle = new URLSearchParams(location.search).get("bundle");
  /** Called with the fraction of the engine received so far, 0 to 1. */
  onProgress: (fraction: number) => void = () => undefined;
  /** The engine, once it is loaded. */
  loaded: Vad | undefined;
  #vad: Promise<Vad> | undefined;

  /**
   * The page's engine: loaded at the first call, and again after a failure.
   * @param threshold the user's choice; by default, the bundle's
   */
  get(threshold?: number): Promise<Vad> {
    this.#vad ??= this.#open(threshold).catch((error: unknown) => {
      this.#vad = undefined;
      throw error;
    });
    return this.#vad;
  }

  /** Closes an engine that has failed. */
  async drop(): Promise<void> {
    const vad = this.#vad;
    this.#vad = undefined;
    this.loaded = undefined;
    await vad?.then((open) => open.close()).catch(() => undefined);
  }

  async #open(threshold?: number): Promise<Vad> {
    const bundle =
      this.requestedBundle === null ? undefined : new URL(this.requestedBundle, document.baseURI);
    if (bundle && bundle.origin !== location.origin) throw new ForeignBundleError(bundle);
    const { Vad } = await import("nnef-pulse/vad");
    const onProgress = (fraction: number) => this.onProgress(fraction);
    this.loaded = await Vad.open({
      onProgress,
      ...(threshold !== undefined && { threshold }),
      ...(bundle && { bundle }),
    });
    return this.loaded;
  }
}
