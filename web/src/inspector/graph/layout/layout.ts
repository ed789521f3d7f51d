import { layout as dagre, Graph } from "@dagrejs/dagre";

/** Input of a layout: sizes of nodes and labels. */
export interface LayoutTask {
  readonly nodes: readonly {
    readonly id: string;
    readonly width: number;
    readonly height: number;
    readonly group?: string;
  }[];
  readonly edges: readonly {
    readonly id: string;
    readonly from: string;
    readonly to: string;
    readonly width: number;
    readonly height: number;
  }[];
  readonly groups: readonly { readonly id: string; readonly group?: string }[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Positions of boxes, by their centres. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: Readonly<Record<string, Point>>;
  readonly edges: Readonly<
    Record<string, { readonly points: readonly Point[]; readonly label?: Point }>
  >;
  readonly groups: Readonly<
    Record<string, Point & { readonly width: number; readonly height: number }>
  >;
}

/** Above this many nodes a faster ranking is used, which gives longer wires. */
const QUICK_ABOVE = 600;

/** Lays out a graph from top to bottom: Gansner et al. 1993, by dagre. */
export function layout(task: LayoutTask): Layout {
  const graph = new Graph({ multigraph: true, compound: task.groups.length > 0 });
  graph.setGraph({
    rankdir: "TB",
    nodesep: 24,
    edgesep: 16,
    ranksep: 16,
    ranker: task.nodes.length > QUICK_ABOVE ? "longest-path" : "network-simplex",
  });
  for (const { id } of task.groups) graph.setNode(id, {});
  for (const { id, width, height } of task.nodes) graph.setNode(id, { width, height });
  for (const { id, group } of [...task.groups, ...task.nodes]) {
    if (group !== undefined) graph.setParent(id, group);
  }
  for (const { id, from, to, width, height } of task.edges) {
    graph.setEdge(from, to, { width, height, labelpos: "c" }, id);
  }
  dagre(graph);

  const place = (id: string) =>
    graph.node(id) as { x: number; y: number; width: number; height: number };
  const size = graph.graph() as { width?: number; height?: number };
  return {
    width: size.width ?? 0,
    height: size.height ?? 0,
    nodes: Object.fromEntries(task.nodes.map(({ id }) => [id, { x: place(id).x, y: place(id).y }])),
    groups: Object.fromEntries(
      task.groups.map(({ id }) => {
        const { x, y, width, height } = place(id);
        return [id, { x, y, width, height }];
      }),
    ),
    edges: Object.fromEntries(
      task.edges.map(({ id, from, to }) => {
        const { points, x, y } = graph.edge({ v: from, w: to, name: id }) as {
          points: Point[];
          x?: number;
          y?: number;
        };
        const label = x === undefined || y === undefined ? {} : { label: { x, y } };
        return [id, { points, ...label }];
      }),
    ),
  };
}
