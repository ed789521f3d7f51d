import type { Point } from "../layout/layout.js";
import type { Box } from "./pen.js";

/** Transform of the drawing: screen = plane × zoom + offset, in CSS pixels. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const LEAST = 0.008;
const MOST = 2;
/** Margin around fitted content. */
const MARGIN = 24;
/** Minimum zoom when a graph opens, so that text is readable. */
const OPENS_AT_LEAST = 0.62;

const clamped = (zoom: number): number => Math.max(LEAST, Math.min(MOST, zoom));

/** Zooms by `factor` around the screen point `at`. */
export function zoomed(camera: Camera, factor: number, at: Point): Camera {
  const zoom = clamped(camera.zoom * factor);
  const ratio = zoom / camera.zoom;
  return { zoom, x: at.x - (at.x - camera.x) * ratio, y: at.y - (at.y - camera.y) * ratio };
}

export const panned = (camera: Camera, dx: number, dy: number): Camera => ({
  ...camera,
  x: camera.x + dx,
  y: camera.y + dy,
});

/** Fits the whole drawing. */
export function fitted(plane: Size, screen: Size): Camera {
  const zoom = clamped(
    Math.min(
      1,
      (screen.width - 2 * MARGIN) / Math.max(1, plane.width),
      (screen.height - 2 * MARGIN) / Math.max(1, plane.height),
    ),
  );
  return {
    zoom,
    x: (screen.width - plane.width * zoom) / 2,
    y: (screen.height - plane.height * zoom) / 2,
  };
}

/** Shows the start of the graph at a readable size, with `first` at the top. */
export function opening(plane: Size, screen: Size, first: Box | undefined): Camera {
  const whole = fitted(plane, screen);
  if (whole.zoom >= OPENS_AT_LEAST) return { ...whole, y: Math.max(MARGIN, whole.y) };
  const zoom = Math.max(OPENS_AT_LEAST, Math.min(1, (screen.width - 2 * MARGIN) / plane.width));
  const middle = first ? first.x + first.width / 2 : plane.width / 2;
  const wide = plane.width * zoom > screen.width - MARGIN;
  return {
    zoom,
    x: screen.width / 2 - (wide ? middle : plane.width / 2) * zoom,
    y: MARGIN - (first?.y ?? 0) * zoom,
  };
}

export const toPlane = (camera: Camera, { x, y }: Point): Point => ({
  x: (x - camera.x) / camera.zoom,
  y: (y - camera.y) / camera.zoom,
});

export function seen(camera: Camera, screen: Size): Box {
  const { x, y } = toPlane(camera, { x: 0, y: 0 });
  return { x, y, width: screen.width / camera.zoom, height: screen.height / camera.zoom };
}

/** The smallest move that brings a box fully into view at a readable size. */
export function revealing(camera: Camera, box: Box, screen: Size): Camera {
  const zoom = Math.max(camera.zoom, OPENS_AT_LEAST);
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  if (zoom !== camera.zoom) {
    return { zoom, x: screen.width / 2 - middle.x * zoom, y: screen.height / 2 - middle.y * zoom };
  }
  const inset = (low: number, length: number, room: number) => {
    const margin = Math.min(MARGIN * 2, Math.max(0, (room - length) / 2));
    return low < margin ? margin - low : Math.min(0, room - margin - (low + length));
  };
  return panned(
    camera,
    inset(box.x * zoom + camera.x, box.width * zoom, screen.width),
    inset(box.y * zoom + camera.y, box.height * zoom, screen.height),
  );
}
