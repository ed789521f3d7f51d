import type { Picture } from "../../graph/drawing/marked.js";

/** Frames of a wire that are kept to be drawn. */
const LENGTH = 64;

/** The last frames that went over one wire, each a column of a few numbers. */
export class Film {
  #columns: Float32Array[] = [];
  #most = 0;
  /** Whether something on the wire is not finite, or its values left the reference. */
  leaves = false;
  readonly #stretch: boolean;

  /** @param stretch whether the picture is as long as what there is: for a wire that is seen once */
  constructor(stretch = false) {
    this.#stretch = stretch;
  }

  add(columns: readonly Float32Array[]) {
    for (const column of columns) {
      for (const value of column) {
        if (Number.isFinite(value)) this.#most = Math.max(this.#most, Math.abs(value));
        else this.leaves = true;
      }
    }
    this.#columns = [...this.#columns, ...columns].slice(-LENGTH);
  }

  picture(): Picture {
    const rows = this.#columns.at(-1)?.length ?? 0;
    const usable = this.#columns.filter((column) => column.length === rows);
    const scale = this.#most > 0 ? 1 / this.#most : 0;
    const length = this.#stretch ? usable.length : LENGTH;
    const values = new Float32Array(rows * length);
    usable.forEach((column, at) => {
      column.forEach((value, row) => {
        values[row * length + at] = Number.isFinite(value) ? value * scale : 0;
      });
    });
    if (rows === 1) {
      const line = values.slice(0, usable.length);
      return { kind: "line", values: line, columns: length, leaves: this.leaves };
    }
    return { kind: "heat", values, columns: usable.length === 0 ? 0 : length, leaves: this.leaves };
  }

  copy(): Film {
    const film = new Film(this.#stretch);
    film.#columns = [...this.#columns];
    film.#most = this.#most;
    film.leaves = this.leaves;
    return film;
  }
}
