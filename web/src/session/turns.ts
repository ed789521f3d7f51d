/** Does what is asked for one after another, whatever becomes of each. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(action);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when all that was asked for until now is done. */
  async over(): Promise<void> {
    await this.#last;
  }
}
