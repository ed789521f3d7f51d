import { html } from "lit";
import type { Profile } from "tract-wasm";
import { foldedOf } from "../../model/describe.js";
import type { ModelView } from "../../model/view.js";
import type { Extra } from "../details/nnef-details.js";
import { shortNumber } from "../details/statistics.js";
import type { Overlay } from "../workspace/overlay.js";
import type { Follower } from "./follower.js";
import type { Runner } from "./runner.js";
import type { Sight } from "./values/sight.js";

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
export function overlayOf(
  run: Runner | Follower,
  cost: ReadonlyMap<string, Cost> | undefined,
): Overlay {
  const { sight, view } = run;
  const most = Math.max(0, ...[...(cost?.values() ?? [])].map(({ share }) => share)) || 1;
  return {
    view,
    pictures: true,
    marks: {
      cost: cost && new Map([...cost].map(([name, { share }]) => [name, share / most])),
      picture: ({ wire, label }) => (label ? sight.film(wire)?.picture() : undefined),
      kept: ({ name }) => sight.kept(name),
    },
    extras: (selected) => {
      const name = view.scopes.graph.aliases.get(selected) ?? selected;
      const wire = sight.value(name) ? name : outputOf(view, name);
      return [...timeOf(cost?.get(name)), ...valuesOf(sight, wire), ...heldOf(run, wire)];
    },
  };
}

/** The wire that leaves a drawn node, after all that folds into it. */
function outputOf(view: ModelView, name: string): string {
  const found = foldedOf(view.scopes.graph).find(({ raw }) => raw.id === name);
  return found?.outputs[0] ?? name;
}

function timeOf(cost: Cost | undefined): Extra[] {
  if (!cost) return [];
  const share = `${(cost.share * 100).toFixed(1)} % of a pulse`;
  const rows = [{ label: "time", value: `${shortNumber(cost.ms * 1000, 3)} µs, ${share}` }];
  return cost.covers.length > 0
    ? [...rows, { label: "with", value: cost.covers.join(", ") }]
    : rows;
}

function valuesOf(sight: Sight, name: string): Extra[] {
  const output = sight.value(name);
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

/** What a wire was held against, and what came of it. */
function heldOf(run: Runner | Follower, name: string): Extra[] {
  const held = run.kind === "steps" ? run.holding?.of(name) : undefined;
  if (!held || held.state === "waiting") return [];
  const late = held.delay > 0 ? `, ${held.delay} frames later` : "";
  const off = `off by ${shortNumber(held.error, 2)}, ${shortNumber(held.tolerance, 2)} allowed`;
  const value =
    held.state === "equal"
      ? html`<span class="passed">✓ equal${late}</span>, ${off}`
      : html`<span class="fault">× left</span>, ${off}`;
  return [{ label: "reference", value }];
}
