import type { Compared } from "./report.ts";

const SVG = "http://www.w3.org/2000/svg";

export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  /** A class of figures.css that gives the line its colour. */
  readonly kind: "ours" | "theirs" | "guide";
}

/** Ratios are drawn on a logarithmic scale: half and double are equally far from one. */
const LEAST = 1 / 8;
const MOST = 8;

const place = (ratio: number) =>
  Math.log(Math.min(MOST, Math.max(LEAST, ratio)) / LEAST) / Math.log(MOST / LEAST);

/** A bar from 1 to the ratio, with a mark at 1. */
export function ratioBar({ ratio }: Compared): SVGElement {
  const bar = svg("svg", { viewBox: "0 0 100 16", preserveAspectRatio: "none", class: "ratio" });
  bar.ariaHidden = "true";
  const [one, at] = [place(1) * 100, place(ratio) * 100];
  bar.append(
    svg("rect", {
      x: Math.min(one, at),
      y: 3,
      width: Math.abs(at - one),
      height: 10,
      class: ratio <= 1 ? "less" : "more",
    }),
    svg("line", { x1: one, x2: one, y1: 0, y2: 16, class: "one" }),
  );
  return bar;
}

const WIDTH = 640;
const HEIGHT = 260;
const EDGE = { left: 64, right: 16, top: 32, bottom: 44 };

/**
 * Lines over logarithmic axes.
 *
 * @param says what the picture shows, in words
 */
export function plot(
  lines: readonly Line[],
  axes: {
    x: string;
    y: string;
    ticks: readonly number[];
    tick: (value: number) => string;
    logY: boolean;
  },
  says: string,
): SVGElement {
  const xs = lines.flatMap(({ points }) => points.map(([x]) => x));
  const ys = lines.flatMap(({ points }) => points.map(([, y]) => y));
  const scaleX = scale(Math.min(...xs), Math.max(...xs), EDGE.left, WIDTH - EDGE.right, true);
  const lowest = axes.logY ? Math.min(...ys) : 0;
  const scaleY = scale(lowest, Math.max(...ys) * 1.1, HEIGHT - EDGE.bottom, EDGE.top, axes.logY);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "plot" });
  picture.ariaLabel = says;
  for (const x of axes.ticks) {
    picture.append(
      svg("line", {
        x1: scaleX(x),
        x2: scaleX(x),
        y1: EDGE.top,
        y2: HEIGHT - EDGE.bottom,
        class: "grid",
      }),
      words(axes.tick(x), scaleX(x), HEIGHT - EDGE.bottom + 18, "middle"),
    );
  }
  for (const y of roundValues(lowest, Math.max(...ys) * 1.1, axes.logY)) {
    picture.append(
      svg("line", {
        x1: EDGE.left,
        x2: WIDTH - EDGE.right,
        y1: scaleY(y),
        y2: scaleY(y),
        class: "grid",
      }),
      words(String(y), EDGE.left - 8, scaleY(y) + 5, "end"),
    );
  }
  picture.append(
    words(axes.y, 0, 16, "start"),
    words(axes.x, WIDTH - EDGE.right, HEIGHT - 4, "end"),
  );
  let legend = WIDTH - EDGE.right;
  for (const { name, points, kind } of [...lines].reverse()) {
    const path = points.map(([x, y], k) => `${k === 0 ? "M" : "L"}${scaleX(x)} ${scaleY(y)}`);
    picture.append(svg("path", { d: path.join(""), class: kind }));
    if (kind !== "guide") {
      picture.append(
        ...points.map(([x, y]) =>
          svg("circle", { cx: scaleX(x), cy: scaleY(y), r: 3, class: kind }),
        ),
      );
    }
    picture.append(words(name, legend, 16, "end", kind));
    legend -= name.length * 8.6 + 24;
  }
  return picture;
}

function scale(from: number, to: number, start: number, end: number, log: boolean) {
  const f = log ? Math.log : (value: number) => value;
  return (value: number) => start + ((f(value) - f(from)) / (f(to) - f(from) || 1)) * (end - start);
}

function roundValues(from: number, to: number, log: boolean): number[] {
  if (log) {
    const powers = [];
    for (let y = 10 ** Math.ceil(Math.log10(from)); y <= to; y *= 10) powers.push(y);
    return powers;
  }
  const step = 10 ** Math.floor(Math.log10(to - from));
  const coarse = (to - from) / step > 4 ? step : step / 2;
  return Array.from({ length: Math.floor(to / coarse) + 1 }, (_, k) => k * coarse);
}

function words(text: string, x: number, y: number, anchor: string, kind = "tick"): SVGElement {
  const element = svg("text", { x, y, "text-anchor": anchor, class: kind });
  element.textContent = text;
  return element;
}

function svg(name: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
