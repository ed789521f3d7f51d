import { html } from "lit";
import type { Profile } from "tract-wasm";
import { foldedOf } from "../../model/describe.js";
import type { ModelView } from "../../model/view.js";
import type { Extra } from "../details/nnef-details.js";
import { shortNumber } from "../details/statistics.js";
import type { Overlay } from "../workspace/overlay.js";
import type { SessionFollower } from "./session-follower.js";
import type { StepRunner } from "./step-runner.js";
import type { RunView } from "./values/run-view.js";

/** Run time of a drawn node in the optimised plan. */
export interface Cost {
  readonly ms: number;
  readonly share: number;
  /** Other drawn nodes that are fused with it. */
  readonly covers: readonly string[];
}

const identifier = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, "_");

/** The drawn node of each wire, folded ones included. */
function drawnNodes(view: ModelView): Map<string, string> {
  return new Map(
    foldedOf(view.scopes.graph).flatMap(({ raw, absorbed, constants }) => [
      ...constants.flatMap(({ chain }) =>
        chain.flatMap((each) => each.outputs.map((wire) => [wire, raw.id] as const)),
      ),
      ...[raw, ...absorbed].flatMap((each) => each.outputs.map((wire) => [wire, raw.id] as const)),
    ]),
  );
}

/** Assigns the times of the optimised plan to drawn nodes. */
export function costs(view: ModelView, profile: Profile): Map<string, Cost> {
  const drawnBy = drawnNodes(view);
  const found = new Map<string, Cost>();
  const total = profile.nodes.reduce((sum, node) => sum + node.ms, 0) || 1;
  for (const { name, covers, ms } of profile.nodes) {
    const drawn = [
      ...new Set([...covers, name].flatMap((each) => drawnBy.get(identifier(each)) ?? [])),
    ];
    const at = drawnBy.get(identifier(name)) ?? drawn.at(-1);
    if (at === undefined) continue;
    const before = found.get(at);
    const sum = (before?.ms ?? 0) + ms;
    const others = drawn.filter((each) => each !== at);
    found.set(at, { ms: sum, share: sum / total, covers: [...(before?.covers ?? []), ...others] });
  }
  return found;
}

/** Marks for a run: pictures on wires, state cells in nodes, costs at the left edge. */
export function overlayOf(
  run: StepRunner | SessionFollower,
  cost: ReadonlyMap<string, Cost> | undefined,
): Overlay {
  const { runView, view } = run;
  const maxShare = Math.max(0, ...[...(cost?.values() ?? [])].map(({ share }) => share)) || 1;
  return {
    view,
    pictures: true,
    marks: {
      cost: cost && new Map([...cost].map(([name, { share }]) => [name, share / maxShare])),
      picture: ({ wire, label }) => (label ? runView.history(wire)?.picture() : undefined),
      kept: ({ name }) => runView.kept(name),
    },
    extras: (selected) => {
      const name = view.scopes.graph.aliases.get(selected) ?? selected;
      const wire = runView.value(name) ? name : outputOf(view, name);
      return [...timeOf(cost?.get(name)), ...valuesOf(runView, wire), ...checkRows(run, wire)];
    },
  };
}

/** The output wire of a drawn node, after everything folded into it. */
function outputOf(view: ModelView, name: string): string {
  const found = foldedOf(view.scopes.graph).find(({ raw }) => raw.id === name);
  return found?.outputs[0] ?? name;
}

function timeOf(cost: Cost | undefined): Extra[] {
  if (!cost) return [];
  const share = `${(cost.share * 100).toFixed(1)} % of a pulse`;
  const rows = [{ label: "time", value: `${shortNumber(cost.ms * 1000, 3)} µs, ${share}` }];
  return cost.covers.length > 0
    ? [...rows, { label: "fused with", value: cost.covers.join(", ") }]
    : rows;
}

function valuesOf(runView: RunView, name: string): Extra[] {
  const output = runView.value(name);
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

/** Result of the comparison of a wire. */
function checkRows(run: StepRunner | SessionFollower, name: string): Extra[] {
  const result = run.kind === "steps" ? run.check?.of(name) : undefined;
  if (!result || result.state === "waiting") return [];
  const delay =
    result.delay > 0
      ? `, delayed by ${result.delay} ${result.delay === 1 ? "frame" : "frames"}`
      : "";
  const difference = `largest difference ${shortNumber(result.error, 2)}, tolerance ${shortNumber(result.tolerance, 2)}`;
  const value =
    result.state === "equal"
      ? html`<span class="passed">✓ equal${delay}</span>, ${difference}`
      : html`<span class="fault">× differs</span>, ${difference}`;
  return [{ label: "reference", value }];
}
