import type { Tensor, Tensors } from "tract-wasm";
import type { RemoteModel } from "tract-wasm/worker";
import { evaluate } from "../../../model/dimension.js";
import { symbolsOf } from "../../../model/facts.js";
import type { WireName } from "../../../model/raw-graph.js";
import type { ModelView } from "../../../model/view.js";
import type { Written } from "../../compare/pulsed-forms.js";
import type { EngineLink } from "../../workspace/engine-link.js";
import type { AxisOf } from "../values/run-view.js";
import { outputsByNode } from "../values/wire-outputs.js";
import type { StreamedOutput } from "./expected-outputs.js";
import type { ExpectedWire } from "./reference-check.js";

/** Pulse size of a pulsed model, and how each output lags. */
export interface PulseFormat {
  readonly symbol: string;
  readonly pulse: number;
  readonly outputs: readonly Pick<StreamedOutput, "framesPerPulse" | "delay" | "warmUp">[];
}

/** Number of pulses at which every window has enough frames. */
const LONG_STREAM = 10_000;

/** A whole model as the engine writes it, and its pulsed form. */
export interface PulsedForms {
  readonly before: Written;
  readonly pulsed: ModelView;
  readonly axisOf: AxisOf;
  readonly cut: PulseFormat;
}

/** Runs a whole model, unoptimised, and returns the values of its wires. */
async function wireValues(
  { bytes, view }: Written,
  link: EngineLink,
  inputs: Tensors,
  names: ReadonlySet<WireName>,
): Promise<Map<WireName, Tensor>> {
  const model = await link.load(bytes);
  const all = (await model.graph()).nodes;
  const made = outputsByNode(view.scopes.graph, all);
  // Constants are not steps of a plan, so a trace has no values for them.
  const fixed = new Set(all.flatMap((it) => (it.outputs[0]?.constant ? [it.name] : [])));
  const needed = [...made].filter(
    ([name, list]) => !fixed.has(name) && list.some(({ wire }) => names.has(wire)),
  );
  const runnable = await model.prepare({ optimize: false });
  try {
    const nodeNames = needed.map(([name]) => name);
    const { nodes } = await runnable.trace(inputs, {
      timing: false,
      states: false,
      values: nodeNames,
    });
    const values = new Map(nodes.map(({ name, outputs }) => [name, outputs]));
    return new Map(
      needed.flatMap(([name, list]) =>
        list.flatMap(({ wire, slot }) => {
          const value = values.get(name)?.[slot];
          return value && names.has(wire) ? [[wire, value] as const] : [];
        }),
      ),
    );
  } finally {
    runnable.dispose();
    model.dispose();
  }
}

/** Expected values of a pulsed model's wires: those of the whole model, run once on the same input. */
export async function expectedOfPulsed(
  { before, pulsed, axisOf, cut }: PulsedForms,
  inputs: Tensors,
  link: EngineLink,
  tolerance: number,
): Promise<Map<WireName, ExpectedWire>> {
  const sizes = sizesOf(before.view, inputs);
  const layouts = new Map<WireName, WireLayout>();
  for (const [wire, fact] of pulsed.facts) {
    const layout = layoutOf(before.view.facts.get(wire), fact, axisOf(wire), cut, sizes);
    if (layout) layouts.set(wire, layout);
  }
  const values = await wireValues(before, link, inputs, new Set(layouts.keys()));
  const expectedWires = new Map<WireName, ExpectedWire>();
  for (const [wire, whole] of values) {
    const layout = layouts.get(wire);
    if (!layout) continue;
    const { axis, batch, frames } = layout;
    if (axis >= 0 && (whole.shape[axis] ?? 0) % batch) continue;
    // No output lags more, in frames of this wire.
    const most = (frameCount: (output: PulseFormat["outputs"][number]) => number) =>
      Math.max(
        0,
        ...cut.outputs.map((output) =>
          Math.ceil((frameCount(output) * frames) / Math.max(1, output.framesPerPulse)),
        ),
      );
    expectedWires.set(wire, {
      whole,
      axis,
      batch,
      // One output frame more than the outputs' delay: a stride may wait for a frame.
      maxDelay: most(({ delay }) => delay + 1),
      warmUp: most(({ warmUp }) => warmUp),
      tolerance: tolerance * largest(whole),
    });
  }
  return expectedWires;
}

/** Expected values for a model that is run once: those of a second run from a new state. */
export async function expectedOfWhole(
  model: RemoteModel,
  view: ModelView,
  inputs: Tensors,
  tolerance: number,
): Promise<Map<WireName, ExpectedWire>> {
  const made = outputsByNode(view.scopes.graph, (await model.graph()).nodes);
  const runnable = await model.prepare({ optimize: false });
  try {
    const { nodes } = await runnable.trace(inputs, { timing: false, states: false });
    const expectedWires = new Map<WireName, ExpectedWire>();
    for (const { name, outputs } of nodes) {
      for (const { wire, slot } of made.get(name) ?? []) {
        const whole = outputs[slot];
        if (!whole) continue;
        const once = { axis: -1, batch: 1, maxDelay: 0, warmUp: 0 };
        expectedWires.set(wire, { whole, ...once, tolerance: tolerance * largest(whole) });
      }
    }
    return expectedWires;
  } finally {
    runnable.dispose();
  }
}

interface WireLayout {
  readonly axis: number;
  readonly batch: number;
  /** Frames per pulse. */
  readonly frames: number;
}

/**
 * How a wire is laid out in both models; undefined if its axes differ, or if each pulse repeats earlier
 * frames.
 */
function layoutOf(
  whole: string | undefined,
  pulsed: string,
  axis: number,
  { symbol, pulse }: PulseFormat,
  sizes: ReadonlyMap<string, number>,
): WireLayout | undefined {
  const [was, is] = [whole?.split(",") ?? [], pulsed.split(",")];
  const same = was.length === is.length && was.every((dim, at) => at === axis || dim === is[at]);
  if (!same) return undefined;
  if (axis < 0) return { axis, batch: 1, frames: 1 };
  const lengthAt = (pulses: number) =>
    evaluate(was[axis] ?? "", new Map([...sizes, [symbol, pulses * pulse]]));
  const [long, longer] = [lengthAt(LONG_STREAM), lengthAt(LONG_STREAM + 1)];
  const given = evaluate(is[axis] ?? "", sizes);
  if (long === undefined || longer === undefined || given !== longer - long) return undefined;
  const others = symbolsOf(was[axis] ?? "").filter((each) => each !== symbol);
  const batch = others.reduce((product, each) => product * (sizes.get(each) ?? 1), 1);
  return given % batch === 0 ? { axis, batch, frames: given / batch } : undefined;
}

/** Values of the symbols for these inputs. */
function sizesOf(view: ModelView, inputs: Tensors): Map<string, number> {
  return new Map(
    Object.entries(inputs).flatMap(([name, { shape }]) =>
      (view.facts.get(name)?.split(",") ?? []).flatMap((dim, at): [string, number][] =>
        /^\w+$/.test(dim) && shape[at] !== undefined ? [[dim, shape[at]]] : [],
      ),
    ),
  );
}

function largest({ data }: Tensor): number {
  let most = 1;
  for (const value of data) {
    const size = Math.abs(Number(value));
    if (Number.isFinite(size)) most = Math.max(most, size);
  }
  return most;
}
