import type { Profile } from "tract-wasm";
import { foldedOf } from "../details/describe.js";
import type { Extra } from "../details/nnef-details.js";
import { shortNumber } from "../details/statistics.js";
import type { ModelView } from "../model/view.js";
import type { Overlay } from "../overlay.js";
import type { Runner } from "./runner.js";

/** What each drawn node takes of the fast plan's time. */
export interface Cost {
  readonly ms: number;
  readonly share: number;
  /** Other nodes that are computed with it in one go. */
  readonly covers: readonly string[];
}

const identifier = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, "_");

/** Which drawn node each wire belongs to, folded ones included. */
function homes(view: ModelView): Map<string, string> {
  return new Map(
    foldedOf(view.scopes.graph).flatMap(({ raw, absorbed, constants }) => [
      ...constants.flatMap(({ chain }) =>
        chain.flatMap((each) => each.outputs.map((wire) => [wire, raw.id] as const)),
      ),
      ...[raw, ...absorbed].flatMap((each) => each.outputs.map((wire) => [wire, raw.id] as const)),
    ]),
  );
}

/** Spreads a profile of the optimised plan over the nodes that are drawn. */
export function costs(view: ModelView, profile: Profile): Map<string, Cost> {
  const home = homes(view);
  const found = new Map<string, Cost>();
  const total = profile.nodes.reduce((sum, node) => sum + node.ms, 0) || 1;
  for (const { name, covers, ms } of profile.nodes) {
    const drawn = [
      ...new Set([...covers, name].flatMap((each) => home.get(identifier(each)) ?? [])),
    ];
    const at = home.get(identifier(name)) ?? drawn.at(-1);
    if (at === undefined) continue;
    const before = found.get(at);
    const sum = (before?.ms ?? 0) + ms;
    const others = drawn.filter((each) => each !== at);
    found.set(at, { ms: sum, share: sum / total, covers: [...(before?.covers ?? []), ...others] });
  }
  return found;
}

/** How a run is drawn: pictures on wires, cells in what remembers, costs at the left edge. */
export function overlayOf(runner: Runner, cost: ReadonlyMap<string, Cost> | undefined): Overlay {
  const most = Math.max(0, ...[...(cost?.values() ?? [])].map(({ share }) => share)) || 1;
  return {
    view: runner.view,
    pictures: true,
    marks: {
      cost: cost && new Map([...cost].map(([name, { share }]) => [name, share / most])),
      picture: ({ wire, label }) => (label ? runner.film(wire)?.picture() : undefined),
      kept: ({ name }) => runner.kept(name),
    },
    extras: (name) => [...timeOf(cost?.get(name)), ...valuesOf(runner, name)],
  };
}

function timeOf(cost: Cost | undefined): Extra[] {
  if (!cost) return [];
  const share = `${(cost.share * 100).toFixed(1)} % of a pulse`;
  const rows = [{ label: "time", value: `${shortNumber(cost.ms * 1000)} µs, ${share}` }];
  return cost.covers.length > 0
    ? [...rows, { label: "with", value: cost.covers.join(", ") }]
    : rows;
}

function valuesOf(runner: Runner, name: string): Extra[] {
  const output = runner.last(name)?.outputs[0];
  if (!output) return [];
  let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let at = 0; at < output.data.length; at++) {
    const value = Number(output.data[at]);
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  return [
    { label: "last value", value: `${[...output.shape, output.dtype].join(",")}` },
    { label: "min … max", value: `${shortNumber(min)} … ${shortNumber(max)}` },
    { label: "mean", value: shortNumber(sum / output.data.length) },
  ];
}
