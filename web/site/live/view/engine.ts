import type { Vad } from "nnef-pulse/vad";

/** The bundle that ships with the package, whole, as the site serves it beside its pages. */
export const ownBundle = "./bundles/silero-vad/";

/** A model of another site was asked for; none is fetched from there. */
export class ForeignBundleError extends Error {
  readonly code = "bundle-elsewhere";
  readonly file: string;

  constructor(url: URL) {
    super(`${url.href} is not of ${location.origin}`);
    this.file = url.href;
  }
}

/** Loads engine and model, which no page needs for its first paint. */
export class EngineLoader {
  /** The bundle named in the page's address (`?bundle=`), until it is given up. */
  asked = new URLSearchParams(location.search).get("bundle");
  /** Hears how much of the engine has arrived, 0 to 1. */
  onProgress: (fraction: number) => void = () => undefined;
  /** The engine, once it is there. */
  loaded: Vad | undefined;
  #vad: Promise<Vad> | undefined;

  /**
   * The one engine of the page: loaded at the first call, and again after a failure.
   * @param threshold what the person chose; without it, the bundle's own
   */
  get(threshold?: number): Promise<Vad> {
    this.#vad ??= this.#open(threshold).catch((error: unknown) => {
      this.#vad = undefined;
      throw error;
    });
    return this.#vad;
  }

  /** Lets go of an engine that died. */
  async drop(): Promise<void> {
    const vad = this.#vad;
    this.#vad = undefined;
    this.loaded = undefined;
    await vad?.then((open) => open.close()).catch(() => undefined);
  }

  async #open(threshold?: number): Promise<Vad> {
    const bundle = this.asked === null ? undefined : new URL(this.asked, document.baseURI);
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
