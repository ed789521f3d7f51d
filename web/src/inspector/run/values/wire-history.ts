import type { Picture } from "../../graph/drawing/graph-marks.js";

/** Frames kept for drawing. */
const LENGTH = 64;

/** The last frames of one wire, each reduced to a column of a few numbers. */
export class WireHistory {
  #columns: Float32Array[] = [];
  #largest = 0;
  /** Whether a value is not finite or differs from the reference. */
  differs = false;
  readonly #stretch: boolean;

  /** @param stretch draw all frames over the full width, for a wire that has only one pulse */
  constructor(stretch = false) {
    this.#stretch = stretch;
  }

  add(columns: readonly Float32Array[]) {
    for (const column of columns) {
      for (const value of column) {
        if (Number.isFinite(value)) this.#largest = Math.max(this.#largest, Math.abs(value));
        else this.differs = true;
      }
    }
    this.#columns = [...this.#columns, ...columns].slice(-LENGTH);
  }

  picture(): Picture {
    const rows = this.#columns.at(-1)?.length ?? 0;
    const usable = this.#columns.filter((column) => column.length === rows);
    const scale = this.#largest > 0 ? 1 / this.#largest : 0;
    const length = this.#stretch ? usable.length : LENGTH;
    const values = new Float32Array(rows * length);
    usable.forEach((column, at) => {
      column.forEach((value, row) => {
        values[row * length + at] = Number.isFinite(value) ? value * scale : 0;
      });
    });
    if (rows === 1) {
      const line = values.slice(0, usable.length);
      return { kind: "line", values: line, columns: length, differs: this.differs };
    }
    return {
      kind: "heat",
      values,
      columns: usable.length === 0 ? 0 : length,
      differs: this.differs,
    };
  }

  copy(): WireHistory {
    const history = new WireHistory(this.#stretch);
    history.#columns = [...this.#columns];
    history.#largest = this.#largest;
    history.differs = this.differs;
    return history;
  }
}
