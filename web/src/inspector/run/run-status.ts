import { html, nothing } from "lit";
import type { ReferenceCheck } from "./reference/reference-check.js";
import type { SessionFollower } from "./session-follower.js";
import type { StepRunner } from "./step-runner.js";

/** `1.2e-7`. */
const small = (value: number): string => Number(value.toPrecision(2)).toExponential();

/** Position of a run, and the result of its comparison. */
export function runStatus(run: StepRunner | SessionFollower) {
  if (run.kind === "follows") {
    return html`<span class="figure">Pulse ${run.at}</span> · ${run.input} · values of the running session`;
  }
  const { at, pulses, input } = run;
  const where = pulses === 1 ? (at ? "Run once" : "Not run yet") : `Pulse ${at} of ${pulses}`;
  return html`<span class="figure">${where}</span> · ${input}${outputs(run)}${wires(run.check)}`;
}

function outputs({ error, hasFailed }: StepRunner) {
  if (error === undefined) return nothing;
  const text = hasFailed ? "× differs from the reference" : "✓ equals the reference";
  return html` · <span class=${hasFailed ? "fault" : "passed"}>${text}</span>, largest difference ${small(error)}`;
}

function wires(check: ReferenceCheck | undefined) {
  const compared = check?.compared ?? 0;
  if (!check || compared === 0) return nothing;
  const { length: count } = check.differing;
  return count > 0
    ? html` · <span class="fault">× ${count} of ${compared} wires ${count === 1 ? "differs" : "differ"}</span>`
    : html` · <span class="passed">✓ ${compared} ${compared === 1 ? "wire" : "wires"}</span>`;
}

/** Explains what is compared, with which tolerance, and which wires differ. */
export function comparisonDetails(
  run: StepRunner | SessionFollower,
  select: (name: string) => void,
) {
  if (run.kind === "follows") {
    return html`<details class="compare-list">
      <summary>What is shown</summary>
      <p>The values come from the plan that the session runs, one set per pulse. The plan is optimised, so a wire inside a
        fused node has no value. A running stream has no reference to compare with; only values that are not finite are
        marked as faults.</p>
    </details>`;
  }
  const { check, tolerance, view } = run;
  if (!check && tolerance === undefined) return nothing;
  const all = view.scopes.graph.nodes.filter(({ constant }) => !constant).length;
  const differing = check?.differing ?? [];
  return html`<details class="compare-list">
    <summary>What is compared</summary>
    ${tolerance === undefined ? nothing : html`<p>Outputs are compared with those of the source framework; tolerance ${small(tolerance)}.</p>`}
    ${
      check
        ? html`<p>${check.size} of ${all} wires are compared with ${check.against}: each with the wire of the same name, shifted
          by one constant delay. The tolerance is ${small(check.tolerance)} × the wire’s largest value, or × 1 if that is
          less. The other wires exist in one of the two models only, or have another layout.</p>`
        : html`<p>Inner wires are not compared: the whole model cannot run on this input.</p>`
    }
    ${
      differing.length > 0
        ? html`<p><span class="fault">× differ:</span> ${differing.map((name) => html`<button class="name" @click=${() => select(name)}>${name}</button> `)}</p>`
        : nothing
    }
  </details>`;
}
