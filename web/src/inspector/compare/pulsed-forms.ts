import type { RemoteModel } from "tract-wasm/worker";
import { Archive } from "../../formats/archive.js";
import { type ModelView, viewOf, withEngine } from "../../model/view.js";
import type { EngineLink } from "../workspace/engine-link.js";
import { type Difference, diff } from "./diff.js";

/** A model as written by the engine, with its facts. */
export interface Written {
  readonly view: ModelView;
  readonly bytes: Uint8Array;
}

export interface Comparison {
  readonly before: Written;
  readonly after: Written;
  readonly difference: Difference;
  readonly pulsed: { readonly symbol: string; readonly pulse: number } | undefined;
}

/**
 * Writes a model by the engine, so that two forms of it can be matched by name.
 *
 * @throws TractError: `write` names the op that NNEF cannot express
 */
export async function written(
  model: RemoteModel,
  title: string,
  link: EngineLink,
): Promise<Written> {
  const bytes = await model.toNnef();
  const view = await viewOf(await Archive.open(bytes), title);
  const again = await link.load(bytes);
  try {
    const { nodes } = await again.graph();
    return { bytes, view: withEngine(view, nodes) };
  } finally {
    again.dispose();
  }
}

/**
 * Compares the whole model, rewritten without pulsing, with its pulsed form.
 *
 * @throws TractError: `pulse` lists the pulses that are possible
 */
export async function comparePulsed(
  whole: Written,
  model: RemoteModel,
  symbol: string,
  pulse: number,
  link: EngineLink,
): Promise<Comparison> {
  const pulsed = await model.pulse(symbol, pulse);
  try {
    const after = await written(pulsed, `${whole.view.title} · ${symbol} = ${pulse}`, link);
    const difference = diff(whole.view, after.view);
    return { before: whole, after, difference, pulsed: { symbol, pulse } };
  } finally {
    pulsed.dispose();
  }
}
