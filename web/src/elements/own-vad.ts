import type { SegmenterOptions } from "../segmenter/options.js";
import type { Session } from "../session/session.js";
import { Vad } from "../vad/vad.js";
import type { VadOptions } from "../vad/vad-options.js";

/** The one `Vad` of an element: loaded when it is first needed, and again after it was let go or failed. */
export class OwnVad {
  readonly #options: () => VadOptions;
  readonly #opened: (vad: Vad) => void;
  #vad: Promise<Vad> | undefined;
  #waiting = new AbortController();

  /**
   * @param options it is loaded with
   * @param opened hears of each that was loaded
   */
  constructor(options: () => VadOptions, opened: (vad: Vad) => void) {
    this.#options = options;
    this.#opened = opened;
  }

  /** @throws VadError */
  get(): Promise<Vad> {
    return this.#vad ?? this.#keep(Vad.open(this.#options()));
  }

  /**
   * Listens, to what is said while it is still being loaded too.
   * @param onCapture hears that the microphone is on where the rest is still on its way
   * @throws VadError, or an `AbortError` where it was closed meanwhile
   */
  async listen(onCapture: () => void): Promise<{ readonly vad: Vad; readonly session: Session }> {
    if (this.#vad !== undefined) {
      const vad = await this.#vad;
      return { vad, session: await vad.listen() };
    }
    const { signal } = this.#waiting;
    const both = Vad.listen({ ...this.#options(), onCapture, signal });
    this.#keep(both.then(({ vad }) => vad));
    return both;
  }

  /**
   * Changes rules, once it is loaded if it is being loaded.
   * @throws OptionError
   */
  async setOptions(changes: () => SegmenterOptions): Promise<void> {
    const vad = await this.#vad?.catch(() => undefined);
    vad?.setOptions(changes());
  }

  /** Lets go of it, of its microphone at once; the next use loads another. */
  async close(): Promise<void> {
    const vad = this.#vad;
    this.#vad = undefined;
    this.#waiting.abort();
    this.#waiting = new AbortController();
    await vad?.then(
      (open) => open.close(),
      () => undefined,
    );
  }

  #keep(opening: Promise<Vad>): Promise<Vad> {
    const kept = opening.then(
      (vad) => {
        this.#opened(vad);
        return vad;
      },
      (error: unknown) => {
        if (this.#vad === kept) this.#vad = undefined;
        throw error;
      },
    );
    // Told to whoever asked for it.
    kept.catch(() => undefined);
    this.#vad = kept;
    return kept;
  }
}
