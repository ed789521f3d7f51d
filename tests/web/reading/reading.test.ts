import { describe, expect, test } from "vitest";
import { Archive } from "../../../web/src/formats/archive.js";
import { viewOf } from "../../../web/src/model/view.js";
import {
  countAfter,
  fieldOf,
  fieldWidth,
  framesOf,
  seenBy,
  shortest,
  written,
} from "../../../web/src/reading/frames.js";
import { type Window, windowsAlong } from "../../../web/src/reading/windows.js";
import { random } from "../random.js";

const draw = random(7);
const whole = (least: number, most: number) => least + Math.floor(draw() * (most - least + 1));

const aWindow = (): Window => {
  const [kernel, dilation] = [whole(1, 7), whole(1, 3)];
  const [before, after] = [whole(0, 2), whole(0, 2)];
  return { wire: "w", op: "conv", kernel, dilation, stride: whole(1, 4), before, after };
};

/** Frames after a window, by sliding it. */
function slid({ kernel, dilation, stride, before, after }: Window, length: number): number {
  let count = 0;
  const end = length + before + after;
  while (count * stride + (kernel - 1) * dilation < end) count++;
  return count;
}

describe("frames after windows", () => {
  test("are those counted by sliding each window", () => {
    for (let round = 0; round < 2000; round++) {
      const windows = Array.from({ length: whole(0, 4) }, aWindow);
      const length = whole(3000, 6000);
      const counted = windows.reduce((left, window) => slid(window, left), length);
      expect(framesOf(countAfter(windows), length)).toBe(counted);
    }
  });

  test("are none one frame below the shortest input, and one at it", () => {
    for (let round = 0; round < 500; round++) {
      const windows = Array.from({ length: 3 }, () => ({ ...aWindow(), before: 0, after: 0 }));
      const least = shortest(windows);
      expect(framesOf(countAfter(windows), least)).toBe(1);
      expect(framesOf(countAfter(windows), least - 1)).toBe(0);
      expect(least).toBe(fieldWidth(windows));
    }
  });

  test("are written as tract prints them", () => {
    const window = { wire: "w", op: "conv", dilation: 1, before: 0, after: 0 };
    const windows = [
      { ...window, kernel: 3, stride: 2 },
      { ...window, kernel: 5, stride: 1 },
      { ...window, kernel: 2, stride: 2 },
    ];
    expect(written(countAfter(windows), "S")).toBe("-3+(S+3)/4");
    expect(written(countAfter(windows.slice(0, 1)), "S")).toBe("-1+(S+1)/2");
    expect(written(countAfter([]), "S")).toBe("S");
    expect(fieldOf(windows, 2)[0]).toEqual({ from: 8, to: 20 });
  });

  test("see the input that changes them, and no other", () => {
    for (let round = 0; round < 300; round++) {
      const window = { ...aWindow(), before: 0 };
      const frame = whole(0, 5);
      const { from, to } = seenBy(window, { from: frame, to: frame });
      const touched = Array.from(
        { length: window.kernel },
        (_, at) => frame * window.stride + at * window.dilation,
      );
      expect([from, to]).toEqual([touched[0], touched.at(-1)]);
    }
  });
});

describe("windows along time", () => {
  const read = async (body: string) => {
    const text = `version 1.0;
      extension tract_symbol S;
      graph network(x) -> (y) {
        x = tract_core_external(shape = [1, S, 8], datum_type = 'f32');
        ${body}
      }`;
    const view = await viewOf(await Archive.open(new TextEncoder().encode(text)), "test");
    return windowsAlong(view, "S").map(({ op, kernel, stride, dilation, before, after }) => ({
      op,
      kernel,
      stride,
      dilation,
      padded: [before, after],
    }));
  };

  test("are found behind a transposition, in order", async () => {
    const found = await read(`t = transpose(x, axes = [0, 2, 1]);
      w = variable<scalar>(label = 'w', shape = [4, 8, 3]);
      c = conv(t, w, 0.0, dilation = [2], padding = [(1, 0)], stride = [2], groups = 1);
      p = max_pool(relu(c), size = [1, 1, 4], padding = [(0,0),(0,0),(0,0)], stride = [1, 1, 3]);
      y = transpose(p, axes = [0, 2, 1]);`);
    expect(found).toEqual([
      { op: "conv", kernel: 3, stride: 2, dilation: 2, padded: [1, 0] },
      { op: "max_pool", kernel: 4, stride: 3, dilation: 1, padded: [0, 0] },
    ]);
  });

  test("are none where an operation leaves time alone or a window lies across it", async () => {
    expect(await read("y = relu(x);")).toEqual([]);
    expect(
      await read(`y = max_pool(x, size = [1, 1, 2], padding = [(0,0),(0,0),(0,0)],
        stride = [1, 1, 2]);`),
    ).toEqual([]);
    expect(await read("y = sum_reduce(x, axes = [1]);")).toEqual([]);
  });
});
