import { html, nothing } from "lit";
import type { Follower } from "./follower.js";
import type { Holding } from "./reference/holding.js";
import type { Runner } from "./runner.js";

/** `1.2e-7`. */
const small = (value: number): string => Number(value.toPrecision(2)).toExponential();

/** Where a run is, and whether it still gives what it ought to. */
export function saysOf(run: Runner | Follower) {
  if (run.kind === "follows") {
    return html`<span class="figure">Pulse ${run.at}</span> · ${run.input} · the running model’s own values`;
  }
  const { at, pulses, input } = run;
  const where = pulses === 1 ? (at ? "Run once" : "Not run yet") : `Pulse ${at} of ${pulses}`;
  return html`<span class="figure">${where}</span> · ${input}${outputs(run)}${wires(run.holding)}`;
}

function outputs({ error, isOff }: Runner) {
  if (error === undefined) return nothing;
  const word = isOff ? "× leaves" : "✓ equals";
  return html` · <span class=${isOff ? "fault" : "passed"}>${word} the reference</span>, off by ${small(error)} at most`;
}

function wires(holding: Holding | undefined) {
  const compared = holding?.compared ?? 0;
  if (!holding || compared === 0) return nothing;
  const { length: off } = holding.leaving;
  return off > 0
    ? html` · <span class="fault">× ${off} of ${compared} wires leave</span>`
    : html` · <span class="passed">✓ ${compared} wires</span>`;
}

/** What the wires are held against, by how much they may differ, and which of them left. */
export function comparedWith(run: Runner | Follower, select: (name: string) => void) {
  if (run.kind === "follows") {
    return html`<details class="compare-list">
      <summary>What is shown</summary>
      <p>Each value is what the running model’s own plan gave at that pulse, from the state that answers; nothing runs
        beside it. That plan is optimised: a wire inside what was fused has no value of its own. A stream has no end
        to be held against; a value that is not finite is a fault.</p>
    </details>`;
  }
  const { holding, tolerance, view } = run;
  if (!holding && tolerance === undefined) return nothing;
  const all = view.scopes.graph.nodes.filter(({ constant }) => !constant).length;
  const leaving = holding?.leaving ?? [];
  return html`<details class="compare-list">
    <summary>What is compared</summary>
    ${tolerance === undefined ? nothing : html`<p>Outputs with what the source framework gave, to ${small(tolerance)}.</p>`}
    ${
      holding
        ? html`<p>${holding.size} of ${all} wires, each with the wire of that name in ${holding.against}, moved by the
          one delay that fits, to ${small(holding.tolerance)} of its largest value, or of 1. The others are there in
          one of the two only, or laid out differently.</p>`
        : html`<p>Inner wires with nothing: the whole model cannot be run on this input.</p>`
    }
    ${
      leaving.length > 0
        ? html`<p><span class="fault">× left:</span> ${leaving.map((name) => html`<button class="name" @click=${() => select(name)}>${name}</button> `)}</p>`
        : nothing
    }
  </details>`;
}
