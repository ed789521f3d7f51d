import type { Palette } from "./palette.js";

/**
 * Drawing primitives with fixed meanings: a hairline marks a pulse's edge, a cell one frame, a bracket
 * one pulse, a ghost a provisional result, a state cell a value kept for the next pulse. Positions and
 * sizes are CSS pixels of an already scaled context.
 */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Context = CanvasRenderingContext2D;

/** Centres a coordinate on a pixel, so that a 1 px line does not cover two. */
const crisp = (value: number): number => Math.round(value) + 0.5;

export function hairline(context: Context, x: number, top: number, bottom: number, colour: string) {
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(crisp(x), top);
  context.lineTo(crisp(x), bottom);
  context.stroke();
}

/** One frame: a tinted column as high as its value, with a solid cap. */
export function cell(context: Context, box: Box, colour: string) {
  context.fillStyle = colour;
  context.globalAlpha = 0.3;
  context.fillRect(box.x, box.y, box.width, box.height);
  context.globalAlpha = 1;
  context.fillRect(box.x, box.y - 1, box.width, 2);
}

/** One pulse: a bracket below its span, open at the top. */
export function bracket(context: Context, box: Box, colour: string) {
  const middle = box.x + box.width / 2;
  const left = crisp(Math.min(box.x, middle - 4));
  const right = crisp(Math.max(box.x + box.width, middle + 4));
  const foot = crisp(box.y + box.height);
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(left, box.y);
  context.lineTo(left, foot);
  context.lineTo(right, foot);
  context.lineTo(right, box.y);
  context.stroke();
}

/** A provisional result: a dashed outline, faintly filled. */
export function ghost(context: Context, box: Box, colour: string) {
  context.fillStyle = colour;
  context.globalAlpha = 0.08;
  context.fillRect(box.x, box.y, box.width, box.height);
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.strokeRect(crisp(box.x), crisp(box.y), Math.round(box.width), Math.round(box.height));
  context.setLineDash([]);
}

/** A decided segment: a filled band, with a solid edge on each known side. */
export function band(context: Context, box: Box, colour: string, open: boolean) {
  context.fillStyle = colour;
  context.globalAlpha = 0.14;
  context.fillRect(box.x, box.y, box.width, box.height);
  context.globalAlpha = 1;
  context.fillRect(box.x, box.y, box.width, 2);
  context.fillRect(box.x, box.y, 1, box.height);
  if (!open) context.fillRect(box.x + box.width - 1, box.y, 1, box.height);
}

/** A diagonal hatch, so that state is not marked by colour alone. */
export function hatch(context: Context, colour: string): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = 4;
  tile.height = 4;
  const paint = tile.getContext("2d");
  if (!paint) return colour;
  paint.fillStyle = colour;
  paint.globalAlpha = 0.45;
  paint.fillRect(0, 0, 4, 4);
  paint.globalAlpha = 1;
  for (let step = 0; step < 4; step++) paint.fillRect(step, 3 - step, 1, 1);
  return context.createPattern(tile, "repeat") ?? colour;
}

/**
 * A state value: a cell filled from its middle, up for positive and down for negative.
 * `value` is from -1 to 1; `fill` is a {@link hatch} in the state colour.
 */
export function stateCell(
  context: Context,
  box: Box,
  value: number,
  colour: string,
  fill: CanvasPattern | string,
) {
  const middle = box.y + box.height / 2;
  const reach = Math.max(-1, Math.min(1, value)) * (box.height / 2 - 1);
  context.fillStyle = fill;
  context.fillRect(box.x, Math.min(middle, middle - reach), box.width, Math.abs(reach));
  context.fillStyle = colour;
  context.fillRect(box.x, middle - reach - 0.5, box.width, 1);
}

/** A torn edge where a stream was interrupted. */
export function tornEdge(
  context: Context,
  x: number,
  top: number,
  bottom: number,
  palette: Pick<Palette, "page" | "fault">,
) {
  const tooth = 8;
  const edge = (shift: number) => {
    context.moveTo(x + shift, top);
    for (let y = top, side = 1; y < bottom; y += tooth, side = -side) {
      context.lineTo(x + shift + side * 3, Math.min(bottom, y + tooth));
    }
  };
  context.strokeStyle = palette.page;
  context.lineWidth = 6;
  context.beginPath();
  edge(0);
  context.stroke();
  context.strokeStyle = palette.fault;
  context.lineWidth = 1;
  context.beginPath();
  edge(-3);
  edge(3);
  context.stroke();
}

/** Sound that was not analysed: a hatched gap of its true width. */
export function gap(context: Context, box: Box, colour: string) {
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, Math.max(2, box.width), box.height);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.beginPath();
  for (let offset = -box.height; offset < box.width; offset += 6) {
    context.moveTo(box.x + offset, box.y + box.height);
    context.lineTo(box.x + offset + box.height, box.y);
  }
  context.stroke();
  context.restore();
}

/** A label on its own background; returns its width. */
export function tag(
  context: Context,
  text: string,
  x: number,
  y: number,
  style: { readonly background: string; readonly text: string; readonly font: string },
): number {
  context.font = style.font;
  const width = context.measureText(text).width + 12;
  context.fillStyle = style.background;
  context.fillRect(x, y, width, 20);
  context.fillStyle = style.text;
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillText(text, x + 6, y + 10.5);
  return width;
}
