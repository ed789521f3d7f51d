import type { Palette } from "../../../look/drawing/palette.js";
import type { Layout, LayoutTask, Point } from "../layout/layout.js";
import { type Box, fontOf } from "./pen.js";
import type { Scene, SceneEdge, SceneGroup, SceneNode } from "./scene.js";

export interface PlacedNode extends SceneNode {
  readonly box: Box;
}
export interface PlacedEdge extends SceneEdge {
  readonly points: readonly Point[];
  /** Position of the wire's fact and picture; only its first edge has one. */
  readonly label: Box | undefined;
  readonly bounds: Box;
}
export interface PlacedGroup extends SceneGroup {
  readonly box: Box;
}

/** A scene with positions. */
export interface Placed {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly groups: readonly PlacedGroup[];
  readonly byId: ReadonlyMap<string, PlacedNode>;
}

export const NODE_HEIGHT = 52;
export const LABEL_HEIGHT = 20;
/** Height of the title bar of an opened fragment. */
export const GROUP_TITLE = 28;
/** Size of a wire's picture during a run. */
export const PICTURE_HEIGHT = 48;
const PICTURE_WIDTH = 136;
const WIDEST = 280;

/** Measures text in the page's fonts. */
export class Measure {
  readonly #context = document.createElement("canvas").getContext("2d");
  readonly #known = new Map<string, number>();
  readonly #palette: Palette;

  constructor(palette: Palette) {
    this.#palette = palette;
  }

  width(text: string, face: "sans" | "mono", bold = false): number {
    const key = `${face}${bold}${text}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const context = this.#context;
    if (context) context.font = fontOf({ face, bold }, this.#palette);
    const width = context?.measureText(text).width ?? text.length * 8;
    this.#known.set(key, width);
    return width;
  }

  /** Shortens a text in the middle to the width `most`. */
  fitted(text: string, most: number, face: "sans" | "mono", bold = false): string {
    if (this.width(text, face, bold) <= most) return text;
    const each = this.width(text, face, bold) / text.length;
    const keep = Math.max(4, Math.floor(most / each) - 1);
    const head = Math.ceil(keep * 0.6);
    return `${text.slice(0, head)}…${text.slice(text.length - (keep - head))}`;
  }
}

/** Label of a wire: its fact, or how pulsing changed it. */
export type LabelOf = (edge: SceneEdge) => string;

/** Sizes for the layout. `pictures` leaves room on each wire for a picture. */
export function taskOf(
  scene: Scene,
  measure: Measure,
  labelOf: LabelOf,
  pictures: boolean,
): LayoutTask {
  const labelled = new Set<string>();
  return {
    groups: scene.groups.map(({ id, group }) => ({
      id,
      ...(group === undefined ? {} : { group }),
    })),
    nodes: scene.nodes.map((node) => ({
      id: node.id,
      ...sizeOf(node, measure),
      ...(node.group === undefined ? {} : { group: node.group }),
    })),
    edges: scene.edges.map((edge) => {
      const label = labelOf(edge);
      const first = !labelled.has(edge.wire) && (label !== "" || pictures);
      if (first) labelled.add(edge.wire);
      const text = first ? measure.width(label, "mono") + 12 : 0;
      return {
        id: edge.id,
        from: edge.from,
        to: edge.to,
        width: first ? Math.max(text, pictures ? PICTURE_WIDTH : 0) : 0,
        height: first ? (label ? LABEL_HEIGHT : 0) + (pictures ? PICTURE_HEIGHT : 0) : 0,
      };
    }),
  };
}

function sizeOf(node: SceneNode, measure: Measure): { width: number; height: number } {
  const badge = node.badge ? measure.width(node.badge, "mono") + 24 : 0;
  const title = measure.width(node.title, "sans", true) + badge;
  const detail = Math.min(WIDEST, measure.width(node.detail, "mono"));
  const opener = node.fragment ? 24 : 0;
  return {
    width: Math.max(96, Math.min(WIDEST + 40, Math.max(title + opener, detail)) + 32),
    height: NODE_HEIGHT,
  };
}

/** Combines a scene with the positions of its layout. */
export function placedOf(scene: Scene, task: LayoutTask, layout: Layout): Placed {
  const sizes = new Map(
    [...task.nodes, ...task.edges].map((each, at) => [
      sizeKey(at < task.nodes.length, each.id),
      each,
    ]),
  );
  const boxed = (key: string, at: Point | undefined): Box => {
    const { width = 0, height = 0 } = sizes.get(key) ?? {};
    return { x: (at?.x ?? 0) - width / 2, y: (at?.y ?? 0) - height / 2, width, height };
  };
  const nodes = scene.nodes.map((node) => ({
    ...node,
    box: boxed(sizeKey(true, node.id), layout.nodes[node.id]),
  }));
  const edges = scene.edges.map((edge) => {
    const { points = [], label } = layout.edges[edge.id] ?? {};
    const box = boxed(sizeKey(false, edge.id), label);
    return {
      ...edge,
      points,
      label: label && box.height > 0 ? box : undefined,
      bounds: around(points, box),
    };
  });
  const groups = scene.groups.flatMap((group) => {
    const at = layout.groups[group.id];
    if (!at) return [];
    const { x, y, width, height } = at;
    // Room for the title bar above the content.
    const top = y - height / 2 - GROUP_TITLE / 2;
    const box = { x: x - width / 2, y: top, width, height: height + GROUP_TITLE / 2 };
    return [{ ...group, box }];
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return { width: layout.width, height: layout.height, nodes, edges, groups, byId };
}

const sizeKey = (isNode: boolean, id: string): string => `${isNode ? "n" : "e"}${id}`;

function around(points: readonly Point[], label: Box): Box {
  const xs = [
    ...points.map(({ x }) => x),
    ...(label.height ? [label.x, label.x + label.width] : []),
  ];
  const ys = points.map(({ y }) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

export const meets = (a: Box, b: Box): boolean =>
  a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;

export const holds = (box: Box, { x, y }: Point): boolean =>
  x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
