import type { SegmenterOptions } from "../segmenter/options.js";
import type { Session } from "../session/session.js";
import { Vad } from "../vad/vad.js";
import type { VadOptions } from "../vad/vad-options.js";

/** The `Vad` of an element: loaded at its first use, and again after it was closed or failed. */
export class LazyVad {
  readonly #options: () => VadOptions;
  readonly #onOpen: (vad: Vad) => void;
  #vad: Promise<Vad> | undefined;
  #abort = new AbortController();

  /**
   * @param options gives the options of each `Vad` that is loaded
   * @param onOpen called with each `Vad` that was loaded
   */
  constructor(options: () => VadOptions, onOpen: (vad: Vad) => void) {
    this.#options = options;
    this.#onOpen = onOpen;
  }

  /** @throws VadError */
  get(): Promise<Vad> {
    return this.#vad ?? this.#keep(Vad.open({ ...this.#options(), signal: this.#abort.signal }));
  }

  /**
   * Listens; sound captured while the `Vad` is still loading is processed too.
   * @param onCapture called when the microphone is on while the `Vad` is still loading
   * @throws VadError, or an `AbortError` if it was closed in between
   */
  async listen(onCapture: () => void): Promise<{ readonly vad: Vad; readonly session: Session }> {
    const { signal } = this.#abort;
    if (this.#vad !== undefined) {
      const vad = await this.#vad;
      return { vad, session: await vad.listen({ signal }) };
    }
    const both = Vad.listen({ ...this.#options(), onCapture, signal });
    this.#keep(both.then(({ vad }) => vad));
    return both;
  }

  /**
   * Changes rules, once a `Vad` that is still loading is ready.
   * @throws OptionError
   */
  async setOptions(changes: () => SegmenterOptions): Promise<void> {
    const vad = await this.#vad?.catch(() => undefined);
    vad?.setOptions(changes());
  }

  /** Closes the `Vad`, its microphone at once. The next use loads another. */
  async close(): Promise<void> {
    const vad = this.#vad;
    this.#vad = undefined;
    this.#abort.abort();
    this.#abort = new AbortController();
    await vad?.then(
      (open) => open.close(),
      () => undefined,
    );
  }

  #keep(opening: Promise<Vad>): Promise<Vad> {
    const kept = opening.then(
      (vad) => {
        this.#onOpen(vad);
        return vad;
      },
      (error: unknown) => {
        if (this.#vad === kept) this.#vad = undefined;
        throw error;
      },
    );
    // Avoids an unhandled rejection; callers await the same promise.
    kept.catch(() => undefined);
    this.#vad = kept;
    return kept;
  }
}
