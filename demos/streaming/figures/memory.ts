import type { Window } from "nnef-pulse/reading";
import type { Tensor, Trace } from "tract-wasm";
import { countOf } from "../../kit/figures/text.ts";
import { nameOf } from "./rows.ts";

/** What one operation keeps from one pulse to the next. */
export interface Memory {
  readonly name: string;
  /** Its size, as a label. */
  readonly size: string;
  /** One per frame of a delay buffer or per output of a recurrent layer; null before the first pulse. */
  readonly cells: readonly (number | null)[];
}

/** Outputs of a recurrent layer that are drawn. */
const SHOWN = 64;

/** Delay buffers as the strength of each frame they hold, recurrent layers as their first outputs. */
export function memoriesIn({ nodes }: Trace, windows: readonly Window[]): readonly Memory[] {
  return nodes.flatMap(({ name, state, outputs }): Memory[] => {
    if (state?.kind === "scan") {
      const [output] = outputs;
      const last = output && lastFrame(output);
      if (!last) return [];
      const cells = [...last.slice(0, SHOWN)];
      return [
        { name: "recurrent layer", size: `${cells.length} of ${last.length} outputs`, cells },
      ];
    }
    if (state?.kind !== "delay" || !state.buffer) return [];
    const cells = strengths(state.buffer, state.axis);
    // The engine names a delay after the window it feeds.
    const window = windows.find(({ wire }) => name.startsWith(wire));
    const size = countOf(cells.length, "past frame");
    return [{ name: `before ${window ? nameOf(window) : name}`, size, cells }];
  });
}

/** The root mean square of each frame along an axis. */
function strengths({ data, shape }: Tensor, axis: number): number[] {
  const count = shape[axis] ?? 0;
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const sums = new Array<number>(count).fill(0);
  (data as Float32Array).forEach((value, at) => {
    const frame = Math.floor(at / inner) % count;
    sums[frame] = (sums[frame] ?? 0) + value * value;
  });
  return sums.map((sum) => Math.sqrt((sum * count) / data.length));
}

/** Last frame of a tensor (time, batch, width). */
const lastFrame = ({ data, shape }: Tensor): Float32Array =>
  (data as Float32Array).slice(-(shape.at(-1) ?? 1));
