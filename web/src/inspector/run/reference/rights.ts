import type { Tensor, Tensors } from "tract-wasm";
import type { RemoteModel } from "tract-wasm/worker";
import { evaluate } from "../../../model/dimension.js";
import { symbolsOf } from "../../../model/facts.js";
import type { WireName } from "../../../model/raw.js";
import type { ModelView } from "../../../model/view.js";
import type { Written } from "../../compare/pulsing.js";
import type { EngineLink } from "../../workspace/link.js";
import type { AxisOf } from "../values/sight.js";
import { madeBy } from "../values/wires.js";
import type { Right } from "./holding.js";

/** How a model was cut into pulses, and what comes out. */
export interface Cut {
  readonly symbol: string;
  readonly pulse: number;
  /** Of the outputs, in their own frames. */
  readonly delay: number;
  readonly warmUp: number;
  /** Frames an output gives in a pulse. */
  readonly outputFrames: number;
}

/** Pulses after which no window is short of frames. */
const LONG = 10_000;

/** A whole model, as the engine writes it, and its pulsed form. */
export interface Pulsing {
  readonly before: Written;
  readonly pulsed: ModelView;
  readonly axisOf: AxisOf;
  readonly cut: Cut;
}

/** Runs a model that is not pulsed, unoptimised, and gives what each wire carries. */
async function wiresOf(
  { bytes, view }: Written,
  link: EngineLink,
  inputs: Tensors,
  names: ReadonlySet<WireName>,
): Promise<Map<WireName, Tensor>> {
  const model = await link.load(bytes);
  const all = (await model.graph()).nodes;
  const made = madeBy(view.scopes.graph, all);
  // What is known before any run is no step of a plan: it cannot be asked for.
  const fixed = new Set(all.flatMap((it) => (it.outputs[0]?.constant ? [it.name] : [])));
  const wanted = [...made].filter(
    ([name, list]) => !fixed.has(name) && list.some(({ wire }) => names.has(wire)),
  );
  const runnable = await model.prepare({ optimize: false });
  try {
    const asked = wanted.map(([name]) => name);
    const { nodes } = await runnable.trace(inputs, { timing: false, states: false, values: asked });
    const values = new Map(nodes.map(({ name, outputs }) => [name, outputs]));
    return new Map(
      wanted.flatMap(([name, list]) =>
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

/** What each wire of a pulsed model ought to carry: what it carries in the whole one, run once on the same input. */
export async function rightsOfPulsed(
  { before, pulsed, axisOf, cut }: Pulsing,
  inputs: Tensors,
  link: EngineLink,
  tolerance: number,
): Promise<Map<WireName, Right>> {
  const sizes = sizesOf(before.view, inputs);
  const forms = new Map<WireName, Form>();
  for (const [wire, fact] of pulsed.facts) {
    const form = formOf(before.view.facts.get(wire), fact, axisOf(wire), cut, sizes);
    if (form) forms.set(wire, form);
  }
  const values = await wiresOf(before, link, inputs, new Set(forms.keys()));
  const rights = new Map<WireName, Right>();
  for (const [wire, whole] of values) {
    const form = forms.get(wire);
    if (!form) continue;
    const { axis, shared, frames } = form;
    if (axis >= 0 && (whole.shape[axis] ?? 0) % shared) continue;
    const ratio = frames / Math.max(1, cut.outputFrames);
    rights.set(wire, {
      whole,
      axis,
      shared,
      // An output frame later than the last delay, as strides may have to be waited for.
      mostDelay: Math.ceil((cut.delay + 1) * ratio),
      warmUp: Math.ceil(cut.warmUp * ratio),
      tolerance: tolerance * largest(whole),
    });
  }
  return rights;
}

/** What each wire of a model run once ought to carry: what it carries when run again, remembering nothing. */
export async function rightsOfWhole(
  model: RemoteModel,
  view: ModelView,
  inputs: Tensors,
  tolerance: number,
): Promise<Map<WireName, Right>> {
  const made = madeBy(view.scopes.graph, (await model.graph()).nodes);
  const runnable = await model.prepare({ optimize: false });
  try {
    const { nodes } = await runnable.trace(inputs, { timing: false, states: false });
    const rights = new Map<WireName, Right>();
    for (const { name, outputs } of nodes) {
      for (const { wire, slot } of made.get(name) ?? []) {
        const whole = outputs[slot];
        if (!whole) continue;
        const once = { axis: -1, shared: 1, mostDelay: 0, warmUp: 0 };
        rights.set(wire, { whole, ...once, tolerance: tolerance * largest(whole) });
      }
    }
    return rights;
  } finally {
    runnable.dispose();
  }
}

interface Form {
  readonly axis: number;
  readonly shared: number;
  /** Of each pulse. */
  readonly frames: number;
}

/**
 * How a wire lies in both models; undefined where it does not have the same axes in both, or where
 * each pulse brings earlier frames along.
 */
function formOf(
  whole: string | undefined,
  pulsed: string,
  axis: number,
  { symbol, pulse }: Cut,
  sizes: ReadonlyMap<string, number>,
): Form | undefined {
  const [was, is] = [whole?.split(",") ?? [], pulsed.split(",")];
  const same = was.length === is.length && was.every((dim, at) => at === axis || dim === is[at]);
  if (!same) return undefined;
  if (axis < 0) return { axis, shared: 1, frames: 1 };
  const lengthAt = (pulses: number) =>
    evaluate(was[axis] ?? "", new Map([...sizes, [symbol, pulses * pulse]]));
  const [long, longer] = [lengthAt(LONG), lengthAt(LONG + 1)];
  const given = evaluate(is[axis] ?? "", sizes);
  if (long === undefined || longer === undefined || given !== longer - long) return undefined;
  const others = symbolsOf(was[axis] ?? "").filter((each) => each !== symbol);
  const shared = others.reduce((product, each) => product * (sizes.get(each) ?? 1), 1);
  return given % shared === 0 ? { axis, shared, frames: given / shared } : undefined;
}

/** What the symbols are in these inputs. */
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
