import { countAfter, type FrameCount, fieldOf, framesOf, type Window } from "nnef-pulse/reading";

/** One row of cells: a level of the model, its frames laid where they lie over the input. */
export interface Row {
  readonly name: string;
  readonly count: FrameCount;
  /** Input frames from one of its frames to the next. */
  readonly step: number;
  /** Input frame over which the middle of its first frame lies. */
  readonly middle: number;
}

/** `conv 3/2`: kernel over stride, the stride left out where it is 1. */
export function nameOf({ op, kernel, stride, dilation }: Window): string {
  const spread = dilation > 1 ? `·${dilation}` : "";
  return `${op} ${kernel}${spread}${stride > 1 ? `/${stride}` : ""}`;
}

/** Input, each window, output. */
export function rowsOf(windows: readonly Window[]): readonly Row[] {
  const levels = [...windows.keys(), windows.length].map((upTo) => windows.slice(0, upTo));
  const rows = levels.map((level, at) => {
    const [{ from, to } = { from: 0, to: 0 }] = fieldOf(level, 0);
    const window = windows[at - 1];
    return {
      name: window ? nameOf(window) : "input",
      count: countAfter(level),
      step: level.reduce((product, { stride }) => product * stride, 1),
      middle: (from + to) / 2,
    };
  });
  const last = rows.at(-1);
  return last ? [...rows, { ...last, name: "output" }] : rows;
}

/** What one output frame saw, row by row; the output row holds the frame itself. */
export function litOf(windows: readonly Window[], frame: number) {
  const spans = fieldOf(windows, frame);
  return [...spans, { from: frame, to: frame }];
}

/** How the frame count of a length comes about, in words: `29 → 14 → 10 → 5`. */
export function chain(windows: readonly Window[], length: number): readonly number[] {
  return [...windows.keys(), windows.length].map((upTo) =>
    framesOf(countAfter(windows.slice(0, upTo)), length),
  );
}
