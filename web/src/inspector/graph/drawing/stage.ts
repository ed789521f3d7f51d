import { type Palette, readPalette, watchTheme } from "../../../look/drawing/palette.js";
import type { Point } from "../layout/layout.js";
import {
  type Camera,
  fitted,
  opening,
  panned,
  revealing,
  type Size,
  seen,
  toPlane,
  zoomed,
} from "./camera.js";
import { type Marks, NO_MARKS } from "./graph-marks.js";
import { Painter } from "./paint.js";
import { CanvasPen } from "./pen.js";
import {
  GROUP_TITLE,
  holds,
  Measure,
  type Placed,
  type PlacedEdge,
  type PlacedGroup,
  type PlacedNode,
} from "./placed.js";
import { SvgPen } from "./svg-pen.js";

const WHEEL_ZOOM = 0.0022;

/** Position of a node, or of the group it was opened into, whose top is the same. */
function boxOf(placed: Placed | undefined, id: string | undefined): Point | undefined {
  if (id === undefined) return undefined;
  const box = placed?.byId.get(id)?.box ?? placed?.groups.find((group) => group.id === id)?.box;
  return box && { x: box.x + box.width / 2, y: box.y };
}

/** A canvas that pans and zooms, repainted only after a change. */
export class Stage {
  readonly measure: Measure;
  readonly #canvas: HTMLCanvasElement;
  readonly #release: (() => void)[] = [];
  readonly #pointers = new Map<number, Point>();
  #palette: Palette;
  #painter: Painter;
  #placed: Placed | undefined;
  #marks: Marks = NO_MARKS;
  #camera: Camera = { x: 0, y: 0, zoom: 1 };
  #size: Size = { width: 0, height: 0 };
  #request = 0;
  #toOpen = true;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    const host = canvas.parentElement ?? canvas;
    this.#palette = readPalette(host);
    this.measure = new Measure(this.#palette);
    this.#painter = new Painter(this.#palette, this.measure);
    const size = new ResizeObserver(() => this.#resize());
    size.observe(canvas);
    const theme = watchTheme(() => {
      this.#palette = readPalette(host);
      this.#painter = new Painter(this.#palette, this.measure);
      this.paint();
    });
    this.#release.push(theme, () => size.disconnect());
    this.#listen();
  }

  get marks(): Marks {
    return this.#marks;
  }

  set marks(marks: Marks) {
    this.#marks = marks;
    this.paint();
  }

  /** Shows a new drawing; `anchor` is a node of both that keeps its screen position. */
  show(placed: Placed, anchor?: string) {
    const before = boxOf(this.#placed, anchor);
    const after = boxOf(placed, anchor);
    this.#placed = placed;
    if (before && after) {
      const { zoom } = this.#camera;
      this.#camera = panned(this.#camera, (before.x - after.x) * zoom, (before.y - after.y) * zoom);
    } else {
      this.#toOpen = true;
    }
    this.#open();
    this.paint();
  }

  /** Empties the canvas until the next drawing. */
  clear() {
    this.#placed = undefined;
    this.#toOpen = true;
    this.paint();
  }

  fit() {
    if (this.#placed) this.#look(fitted(this.#placed, this.#size));
  }

  zoom(factor: number) {
    const { width, height } = this.#size;
    this.#look(zoomed(this.#camera, factor, { x: width / 2, y: height / 2 }));
  }

  reveal(node: PlacedNode) {
    this.#look(revealing(this.#camera, node.box, this.#size));
  }

  /** The element at a point of the page. */
  under({ clientX, clientY }: { clientX: number; clientY: number }): {
    node?: PlacedNode;
    edge?: PlacedEdge;
    group?: PlacedGroup;
  } {
    const { left, top } = this.#canvas.getBoundingClientRect();
    const at = toPlane(this.#camera, { x: clientX - left, y: clientY - top });
    const node = this.#placed?.nodes.find(({ box }) => holds(box, at));
    if (node) return { node };
    const edge = this.#placed?.edges.find(({ label }) => label && holds(label, at));
    if (edge) return { edge };
    const titled = ({ box }: PlacedGroup) => holds({ ...box, height: GROUP_TITLE }, at);
    const group = this.#placed?.groups.findLast(titled);
    return group ? { group } : {};
  }

  /** The whole drawing as an SVG file, in the current colours. */
  svg(title: string): Blob {
    const pen = new SvgPen(this.#palette);
    const { width = 1, height = 1 } = this.#placed ?? {};
    const bounds = { x: -24, y: -24, width: width + 48, height: height + 48 };
    const still = { ...this.#marks, selected: undefined, hovered: undefined };
    if (this.#placed) this.#painter.paint(pen, this.#placed, still, bounds, 1);
    return pen.file(bounds, title);
  }

  dispose() {
    cancelAnimationFrame(this.#request);
    for (const release of this.#release) release();
  }

  paint() {
    if (this.#request) return;
    this.#request = requestAnimationFrame(() => {
      this.#request = 0;
      this.#draw();
    });
  }

  #look(camera: Camera) {
    this.#camera = camera;
    this.paint();
  }

  #open() {
    if (!this.#toOpen || !this.#placed || this.#size.width === 0) return;
    this.#toOpen = false;
    this.#camera = opening(this.#placed, this.#size, this.#placed.nodes[0]?.box);
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    this.#size = { width, height };
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    this.#open();
    // Resizing clears a canvas: waiting for a frame would flicker.
    this.#draw();
  }

  #draw() {
    const context = this.#canvas.getContext("2d");
    if (!context || this.#size.width === 0) return;
    const { x, y, zoom } = this.#camera;
    const scale = devicePixelRatio;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (!this.#placed) return;
    context.setTransform(zoom * scale, 0, 0, zoom * scale, x * scale, y * scale);
    const pen = new CanvasPen(context, this.#palette);
    this.#painter.paint(pen, this.#placed, this.#marks, seen(this.#camera, this.#size), zoom);
  }

  #listen() {
    const canvas = this.#canvas;
    const at = (event: MouseEvent): Point => ({ x: event.offsetX, y: event.offsetY });
    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        if (event.ctrlKey || event.metaKey) {
          this.#look(zoomed(this.#camera, Math.exp(-event.deltaY * WHEEL_ZOOM * 3), at(event)));
        } else {
          const [dx, dy] = event.shiftKey ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
          this.#look(panned(this.#camera, -dx, -dy));
        }
      },
      { passive: false },
    );
    canvas.addEventListener("pointerdown", (event) => {
      this.#pointers.set(event.pointerId, at(event));
    });
    canvas.addEventListener("pointermove", (event) =>
      this.#drag(event.pointerId, at(event), event),
    );
    for (const kind of ["pointerup", "pointercancel", "pointerleave"] as const) {
      canvas.addEventListener(kind, (event) => this.#pointers.delete(event.pointerId));
    }
  }

  /** One pointer pans, two zoom around their middle. */
  #drag(id: number, to: Point, event: PointerEvent) {
    const from = this.#pointers.get(id);
    if (!from) return;
    if (!this.#canvas.hasPointerCapture(id) && Math.hypot(to.x - from.x, to.y - from.y) > 3) {
      this.#canvas.setPointerCapture(event.pointerId);
    }
    const other = [...this.#pointers].find(([each]) => each !== id)?.[1];
    this.#pointers.set(id, to);
    if (!other) {
      this.#look(panned(this.#camera, to.x - from.x, to.y - from.y));
      return;
    }
    const before = Math.hypot(from.x - other.x, from.y - other.y);
    const after = Math.hypot(to.x - other.x, to.y - other.y);
    const middle = { x: (to.x + other.x) / 2, y: (to.y + other.y) / 2 };
    this.#look(zoomed(this.#camera, after / Math.max(1, before), middle));
  }
}
