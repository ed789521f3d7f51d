import type { Palette } from "../../../look/drawing/palette.js";
import { factParts, symbolsOf } from "../../../model/facts.js";
import type { Marks, Picture } from "./graph-marks.js";
import type { Box, Pen } from "./pen.js";
import {
  LABEL_HEIGHT,
  type Measure,
  meets,
  PICTURE_HEIGHT,
  type Placed,
  type PlacedEdge,
  type PlacedGroup,
  type PlacedNode,
} from "./placed.js";

/** Minimum zoom for text. */
const READABLE = 0.32;
/** Minimum zoom for drawing a node as a box. */
const TINY = 0.16;
const FADED = 0.4;
const CORNER = 6;
/** More cells than this are values, not frames. */
const FRAMES = 16;

/** Draws the part of a layout that lies within `view`. */
export class Painter {
  readonly #palette: Palette;
  readonly #measure: Measure;

  constructor(palette: Palette, measure: Measure) {
    this.#palette = palette;
    this.#measure = measure;
  }

  paint(pen: Pen, placed: Placed, marks: Marks, view: Box, zoom: number) {
    const readable = zoom >= READABLE;
    for (const group of placed.groups) {
      if (meets(group.box, view)) this.#group(pen, group, readable);
    }
    const edges = placed.edges.filter((edge) => meets(edge.bounds, view));
    for (const edge of edges) this.#wire(pen, edge, marks, zoom);
    if (readable) for (const edge of edges) this.#label(pen, edge, marks);
    for (const node of placed.nodes) {
      if (meets(node.box, view)) this.#node(pen, node, marks, readable, zoom < TINY);
    }
  }

  #group(pen: Pen, { box, title }: PlacedGroup, readable: boolean) {
    const { panel, hairline, muted } = this.#palette;
    pen.rect(box, { fill: panel, stroke: hairline, radius: CORNER });
    if (readable) {
      pen.text(`− ${title}`, box.x + 12, box.y + 14, { fill: muted, face: "mono" });
    }
  }

  #wire(pen: Pen, edge: PlacedEdge, marks: Marks, zoom: number) {
    const { muted, ink, fault, symbol } = this.#palette;
    const lit = edge.wire === marks.selected || edge.wire === marks.hovered;
    const carries = marks.symbol !== undefined && symbolsOf(edge.fact).includes(marks.symbol);
    const differs = marks.picture?.(edge)?.differs === true;
    const stroke = differs ? fault : carries ? symbol : lit ? ink : muted;
    const width = (lit || carries || differs ? 2 : zoom < TINY ? 0.5 : 1) / Math.min(1, zoom);
    const draw = () =>
      pen.line(edge.points, { stroke, width, arrow: zoom >= READABLE, smooth: true });
    if (this.#fades(marks, edge)) pen.faded(FADED, draw);
    else draw();
  }

  #fades(marks: Marks, edge: PlacedEdge): boolean {
    return marks.wireChange !== undefined && marks.wireChange(edge) === undefined;
  }

  #label(pen: Pen, edge: PlacedEdge, marks: Marks) {
    const { label } = edge;
    if (!label) return;
    const change = marks.wireChange?.(edge);
    const picture = marks.picture?.(edge);
    const draw = () => {
      const text = { ...label, height: Math.min(label.height, LABEL_HEIGHT) };
      if (edge.fact || change) this.#fact(pen, edge, text, marks, change);
      if (picture) {
        const box = {
          ...label,
          y: label.y + label.height - PICTURE_HEIGHT,
          height: PICTURE_HEIGHT,
        };
        this.#picture(pen, picture, box);
      }
    };
    if (marks.wireChange && !change) pen.faded(FADED, draw);
    else draw();
  }

  #fact(
    pen: Pen,
    edge: PlacedEdge,
    box: Box,
    marks: Marks,
    change: { before: string; after: string } | undefined,
  ) {
    const { page, delay, muted } = this.#palette;
    pen.rect(box, { fill: page });
    const y = box.y + box.height / 2;
    const wide = this.#measure.width(
      change ? `${change.before} → ${change.after}` : edge.fact,
      "mono",
    );
    let x = box.x + (box.width - wide) / 2;
    if (!change) {
      this.#parts(pen, edge.fact, x, y, marks);
      return;
    }
    x = this.#parts(pen, change.before, x, y, marks, muted);
    pen.text(" → ", x, y, { fill: delay, face: "mono" });
    x += this.#measure.width(" → ", "mono");
    this.#parts(pen, change.after, x, y, marks, delay);
  }

  #parts(pen: Pen, fact: string, from: number, y: number, marks: Marks, base?: string): number {
    const { ink, symbol, muted } = this.#palette;
    let x = from;
    for (const part of factParts(fact)) {
      const lit = part.symbol && part.text === marks.symbol;
      const fill = part.symbol ? symbol : (base ?? (marks.symbol === undefined ? ink : muted));
      pen.text(part.text, x, y, { fill, face: "mono", bold: lit });
      x += this.#measure.width(part.text, "mono", lit);
    }
    return x;
  }

  #picture(pen: Pen, picture: Picture, box: Box) {
    const { panel, probability, fault, hairline } = this.#palette;
    const colour = picture.differs ? fault : probability;
    pen.rect(box, { fill: panel, stroke: picture.differs ? fault : hairline });
    const { values, columns } = picture;
    if (columns === 0) return;
    if (picture.kind === "line") {
      const step = box.width / Math.max(1, values.length - 1);
      const middle = box.y + box.height / 2;
      const points = Array.from(values, (value, at) => ({
        x: box.x + at * step,
        y: middle - value * (box.height / 2 - 2),
      }));
      pen.line(points, { stroke: colour, width: 1.5 });
      return;
    }
    const rows = values.length / columns;
    const [wide, high] = [box.width / columns, box.height / rows];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const value = values[row * columns + column] ?? 0;
        const cell = {
          x: box.x + column * wide,
          y: box.y + row * high,
          width: wide + 0.3,
          height: high + 0.3,
        };
        if (value !== 0) {
          pen.faded(Math.min(1, Math.abs(value)), () => pen.rect(cell, { fill: colour }));
        }
      }
    }
  }

  #node(pen: Pen, node: PlacedNode, marks: Marks, readable: boolean, tiny: boolean) {
    const change = marks.change?.(node);
    const missed = marks.found !== undefined && !marks.found.has(node.name);
    const draw = () => {
      if (tiny) this.#mark(pen, node, change);
      else this.#body(pen, node, marks, change, readable);
    };
    if (change === "same" || missed) pen.faded(FADED, draw);
    else draw();
  }

  #mark(pen: Pen, { box, memory }: PlacedNode, change: string | undefined) {
    const { muted, state, delay } = this.#palette;
    pen.rect(box, { fill: change === "added" ? delay : memory ? state : muted });
  }

  #body(
    pen: Pen,
    node: PlacedNode,
    marks: Marks,
    change: "added" | "changed" | "same" | undefined,
    readable: boolean,
  ) {
    const { box, kind, memory } = node;
    const { page, panel, ink, muted, state, delay, probability, hairline } = this.#palette;
    const ends = kind !== "op";
    const edge =
      change === "added"
        ? delay
        : memory
          ? state
          : kind === "output"
            ? probability
            : ends
              ? muted
              : hairline;
    const radius = ends ? box.height / 2 : CORNER;
    pen.rect(box, { fill: page, radius });
    pen.rect(box, {
      fill: ends ? page : panel,
      stroke: edge,
      width: change === "added" ? 2 : 1,
      radius,
    });
    if (memory) {
      for (const x of [box.x + 1, box.x + 5]) {
        pen.rect({ x, y: box.y + 4, width: 2, height: box.height - 8 }, { fill: state });
      }
    }
    const cost = marks.cost?.get(node.name);
    const height = (cost ?? 0) * box.height;
    if (height >= 2) {
      pen.rect({ x: box.x - 6, y: box.y + box.height - height, width: 4, height }, { fill: ink });
    }
    const kept = marks.kept?.(node);
    if (readable) this.#text(pen, node, change, kept !== undefined);
    if (kept) this.#kept(pen, kept, box);
    const lit =
      node.name === marks.selected ? ink : node.name === marks.hovered ? muted : undefined;
    if (lit) {
      const around = { x: box.x - 3, y: box.y - 3, width: box.width + 6, height: box.height + 6 };
      pen.rect(around, { stroke: lit, width: 2, radius: radius + 3 });
    }
  }

  #text(pen: Pen, node: PlacedNode, change: string | undefined, kept: boolean) {
    const { box, title, detail, badge, fragment, memory } = node;
    const { ink, muted, state, delay } = this.#palette;
    const left = box.x + (node.kind === "op" ? (memory ? 16 : 12) : 20);
    const right = box.x + box.width - 12;
    const sign = change === "added" ? "+ " : fragment ? "▸ " : "";
    const fill = change === "added" ? delay : ink;
    pen.text(`${sign}${title}`, left, box.y + 17, { fill, face: "sans", bold: true });
    if (badge) pen.text(badge, right, box.y + 17, { fill: state, face: "mono", align: "right" });
    if (kept) return;
    const text = this.#measure.fitted(detail, right - left, "mono");
    pen.text(text, left, box.y + 36, { fill: muted, face: "mono" });
  }

  /**
   * One violet cell per frame kept, filling from the left, an outline where nothing is kept yet;
   * many values are one row of cells.
   */
  #kept(pen: Pen, kept: readonly (number | null)[], box: Box) {
    const { state } = this.#palette;
    const room = { x: box.x + 16, y: box.y + 28, width: box.width - 28, height: 18 };
    if (kept.length > FRAMES) {
      pen.cells(
        kept.map((value) => value ?? 0),
        room,
      );
      return;
    }
    const pitch = Math.min(20, room.width / Math.max(1, kept.length));
    kept.forEach((value, at) => {
      const cell = { x: room.x + at * pitch, y: room.y, width: pitch - 3, height: room.height };
      if (value !== null) {
        pen.faded(0.3, () => pen.rect(cell, { fill: state }));
        pen.cells([value], cell);
      }
      pen.rect(cell, { stroke: state, dashed: value === null });
    });
  }
}
