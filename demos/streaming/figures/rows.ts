import { countAfter, type FrameCount, fieldOf, framesOf, type Window } from "nnef-pulse/reading";

/** A row of cells: the frames between two windows, drawn above the input frames they cover. */
export interface Row {
  readonly name: string;
  readonly count: FrameCount;
  /** Input frames from one frame of the row to the next. */
  readonly step: number;
  /** Input frame at the middle of the row's first frame. */
  readonly middle: number;
}

/** `conv 3/2`: kernel/stride; a stride of 1 is omitted. */
export function nameOf({ op, kernel, stride, dilation }: Window): string {
  const spread = dilation > 1 ? `·${dilation}` : "";
  return `${op} ${kernel}${spread}${stride > 1 ? `/${stride}` : ""}`;
}

/** The rows: input, after each window, output. */
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

/** Frames of each row that one output frame is made from; the output row has the frame itself. */
export function spansOf(windows: readonly Window[], frame: number) {
  const spans = fieldOf(windows, frame);
  return [...spans, { from: frame, to: frame }];
}

/** Frame counts after each window, for an input length: 29, 14, 10, 5. */
export function frameCounts(windows: readonly Window[], length: number): readonly number[] {
  return [...windows.keys(), windows.length].map((upTo) =>
    framesOf(countAfter(windows.slice(0, upTo)), length),
  );
}
