/** Past selections; Backspace returns to the previous one. */
export class SelectionHistory {
  readonly #past: (string | undefined)[] = [];
  #now: string | undefined;

  get now(): string | undefined {
    return this.#now;
  }

  go(name: string | undefined) {
    if (name === this.#now) return;
    this.#past.push(this.#now);
    if (this.#past.length > 100) this.#past.shift();
    this.#now = name;
  }

  back(): string | undefined {
    if (this.#past.length > 0) this.#now = this.#past.pop();
    return this.#now;
  }

  clear() {
    this.#past.length = 0;
    this.#now = undefined;
  }
}
