import type { RawNode, WireName } from "../model/raw-graph.js";
import type { ModelView } from "../model/view.js";

/** An operation over several frames: a convolution or pooling along time. */
export interface Window {
  /** Its output wire. */
  readonly wire: WireName;
  readonly op: string;
  /** Frames per window, `dilation` apart. */
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Frames of padding before the first and after the last frame. */
  readonly before: number;
  readonly after: number;
}

/** A wire along the path of time. */
interface Reached {
  /** Its time axis. */
  readonly axis: number;
  readonly windows: readonly Window[];
}

/** Operations whose outputs are sizes, not frames. */
const TIMELESS: ReadonlySet<string> = new Set(["tract_core_shape_of", "shape_of"]);

/**
 * The windows between the first input with `symbol` in its shape and the first output, in order. Where branches
 * meet, the one with more windows counts.
 */
export function windowsAlong(view: ModelView, symbol: string): readonly Window[] {
  const { graph } = view.scopes;
  const reached = new Map<WireName, Reached>();
  const byWire = new Map(graph.nodes.flatMap((node) => node.outputs.map((wire) => [wire, node])));
  for (const node of graph.nodes) {
    const found = node.op.endsWith("external") ? begin(view, node, symbol) : go(node);
    if (found) for (const wire of node.outputs) reached.set(wire, found);
  }
  return reached.get(graph.outputs[0] ?? "")?.windows ?? [];

  function go(node: RawNode): Reached | undefined {
    if (TIMELESS.has(node.op)) return undefined;
    const [longest] = node.inputs
      .flatMap(({ wire }) => reached.get(wire) ?? [])
      .sort((a, b) => b.windows.length - a.windows.length);
    if (!longest) return undefined;
    const axis = moved(node, longest.axis);
    if (axis === undefined) return undefined;
    const window = windowOf(node, longest.axis, byWire);
    return { axis, windows: window ? [...longest.windows, window] : longest.windows };
  }
}

function begin(view: ModelView, node: RawNode, symbol: string): Reached | undefined {
  const axis =
    view.facts
      .get(node.outputs[0] ?? "")
      ?.split(",")
      .indexOf(symbol) ?? -1;
  return axis < 0 ? undefined : { axis, windows: [] };
}

/** The time axis after an operation; undefined if it disappears. */
function moved(node: RawNode, axis: number): number | undefined {
  const axes = numbers(node, "axes");
  if (node.op === "transpose") return axes.includes(axis) ? axes.indexOf(axis) : axis;
  if (node.op === "unsqueeze") {
    return [...axes].sort((a, b) => a - b).reduce((at, put) => (put <= at ? at + 1 : at), axis);
  }
  if (node.op === "squeeze") return axis - axes.filter((gone) => gone < axis).length;
  if (node.op.endsWith("_reduce") && axes.includes(axis)) return undefined;
  return axis;
}

function windowOf(
  node: RawNode,
  axis: number,
  byWire: ReadonlyMap<WireName, RawNode>,
): Window | undefined {
  const isPool = /(?:^|_)(?:pool|box)$/.test(node.op);
  if (node.op !== "conv" && !isPool) return undefined;
  // Attributes of a convolution cover spatial axes only, those of a pooling all axes.
  const at = isPool ? axis : axis - 2;
  const filter = node.inputs.find(({ role }) => role === "filter") ?? node.inputs[1];
  const shape = isPool
    ? numbers(node, "size")
    : (byWire.get(filter?.wire ?? "")?.constant?.shape ?? []);
  const kernel = shape[axis];
  if (kernel === undefined || at < 0) return undefined;
  const padding = numbers(node, "padding");
  const stride = numbers(node, "stride")[at] ?? 1;
  const padded = { before: padding[2 * at] ?? 0, after: padding[2 * at + 1] ?? 0 };
  if (kernel === 1 && stride === 1) return undefined;
  const dilation = numbers(node, "dilation")[at] ?? 1;
  return { wire: node.outputs[0] ?? node.id, op: node.op, kernel, stride, dilation, ...padded };
}

/** Integers in an attribute, without nesting: `[(0, 1)]` gives 0 and 1. */
function numbers(node: RawNode, name: string): number[] {
  const text = node.attributes.find((each) => each.name === name)?.text ?? "";
  return (text.match(/-?\d+/g) ?? []).map(Number);
}
