import type { Lesson } from "../../kit/page/lesson.ts";

/** How a pulse is laid out for the network, read from the pulsed text. All values in samples. */
export interface PulseLayout {
  /** StreamState from the pulse before, and put in front. */
  readonly context: number;
  /** New samples. */
  readonly fresh: number;
  /** Mirrored samples, put behind. */
  readonly mirrored: number;
  /** Kernel and stride of the first transform. */
  readonly window: number;
  readonly stride: number;
  /** Number of windows. */
  readonly windows: number;
}

/** Reads the layout from `graph.nnef`; absent parts are 0. @throws BundleError, InspectError */
export async function readPulseLayout({ reading }: Lesson): Promise<PulseLayout> {
  const { view } = await reading.archive("pulse");
  const { nodes } = view.scopes.graph;
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((wire) => [wire, node])));
  type Node = (typeof nodes)[number];
  const named = (op: string) => nodes.find((node) => node.op === op);
  const source = (node: Node | undefined, at: number) => makers.get(node?.inputs[at]?.wire ?? "");
  const number = (node: Node | undefined, name: string) =>
    Number(/-?\d+/.exec(node?.attributes.find((each) => each.name === name)?.text ?? "")?.[0] ?? 0);
  const first = named("conv");
  const kept = source(named("tract_pulse_delay"), 0);
  const fresh = reading.manifest.audio?.samplesPerPulse ?? 0;
  const context = number(kept, "end") - number(kept, "begin");
  const mirrored = source(named("tract_core_gather"), 1)?.constant?.shape?.[0] ?? 0;
  const window = source(first, 1)?.constant?.shape?.at(-1) ?? 1;
  const stride = number(first, "stride") || 1;
  const windows = Math.floor((context + fresh + mirrored - window) / stride) + 1;
  return { context, fresh, mirrored, window, stride, windows };
}
