/** Runs asynchronous actions one after another; one that fails does not stop the next. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(action);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when every action queued so far has ended. */
  async drain(): Promise<void> {
    await this.#last;
  }
}
