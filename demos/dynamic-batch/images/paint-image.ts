import type { Image } from "./digits.ts";

/** Draws an image pixel by pixel. */
export function paintImage(
  context: CanvasRenderingContext2D,
  { pixels, rows, columns }: Image,
  box: { readonly x: number; readonly y: number; readonly size: number },
  colour: string,
) {
  const side = box.size / Math.max(rows, columns);
  context.fillStyle = colour;
  pixels.forEach((value, at) => {
    context.globalAlpha = value;
    const [row, column] = [Math.floor(at / columns), at % columns];
    context.fillRect(box.x + column * side, box.y + row * side, side, side);
  });
  context.globalAlpha = 1;
}
