import type { Lesson } from "../../kit/page/lesson.ts";

/** How a pulse of sound is cut up before the network sees it, as the pulsed text says it. In samples. */
export interface Anatomy {
  /** Kept from the pulse before, and put in front. */
  readonly context: number;
  /** New in this pulse. */
  readonly fresh: number;
  /** The end again, backwards, put behind. */
  readonly mirrored: number;
  /** Of the first transform: how much it takes at a time, how far it moves on. */
  readonly window: number;
  readonly stride: number;
  /** How many of them fit. */
  readonly windows: number;
}

/** Reads the anatomy out of `graph.nnef`; what a model does not have is 0. @throws BundleError, InspectError */
export async function anatomyOf({ reading }: Lesson): Promise<Anatomy> {
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
