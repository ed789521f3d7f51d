import { html, render } from "lit";
import type { Profile } from "tract-wasm";
import { statusLine } from "../../kit/figures/controls.ts";
import { LongRun } from "../../kit/figures/long-run.ts";
import { onlyOutput } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { costsOf, countChanges } from "../plans/graph-path.ts";
import { preparePlans } from "../plans/prepare-plans.ts";

/** Kinds of nodes that are listed. */
const LISTED = 10;
/** Profiles per plan. The fastest counts, because it was disturbed least. */
const REPEATS = 3;

/** Compares the plan for any batch size with the plan for one size. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { batch, inputs, open, set } = await preparePlans(lesson);
  const plans = [open, set];
  const [before, after] = await Promise.all([
    open.profile(inputs, { rounds: 1 }),
    set.profile(inputs, { rounds: 1 }),
  ]);
  const [a = [], b = []] = await Promise.all(
    plans.map(async (plan) => Array.from(onlyOutput(await plan.run(inputs)).data, Number)),
  );
  lesson.showNumber(
    "now.differ",
    Number(largestDifference(a, b).toPrecision(1)),
    `computed here: ${batch} images through both plans`,
  );
  const { symbol } = lesson.reading;
  const names = [`${symbol} left open`, `${symbol} = ${batch} set`];
  const measure = (plan: number) => plans[plan]?.profile(inputs);
  return new TwoPlansFigure(stage, lesson, batch, names, [before, after], measure);
};

const largestDifference = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, at) => Math.abs(value - (b[at] ?? Number.NaN))));

class TwoPlansFigure implements Figure {
  readonly #lesson: Lesson;
  readonly #names: readonly string[];
  readonly #counted: readonly Profile[];
  readonly #run: LongRun;
  readonly #table = document.createElement("div");
  readonly #status = statusLine("div");

  constructor(
    stage: HTMLElement,
    lesson: Lesson,
    batch: number,
    names: readonly string[],
    counted: readonly Profile[],
    measure: (plan: number) => Promise<Profile> | undefined,
  ) {
    this.#lesson = lesson;
    this.#names = names;
    this.#counted = counted;
    this.#run = new LongRun({
      label: "Profile both",
      run: async (report, stopped) => {
        const best = [...counted.map(() => undefined as Profile | undefined)];
        for (let run = 0; run < REPEATS * names.length && !stopped.aborted; run++) {
          report(run, REPEATS * names.length);
          const plan = run % names.length;
          const profile = await measure(plan);
          if (profile && profile.ms < (best[plan]?.ms ?? Number.POSITIVE_INFINITY)) {
            best[plan] = profile;
          }
        }
        const [open, set] = best;
        if (!open || !set) return { text: "" };
        this.#show([open, set], true);
        const saved = Math.round((1 - set.ms / open.ms) * 100);
        return {
          text:
            saved > 0
              ? `With the size set, a run takes ${saved} % less time here. Measured on ${open.rounds} and ${set.rounds} runs.`
              : `With the size set, a run is not faster here. Measured on ${open.rounds} and ${set.rounds} runs.`,
        };
      },
    });
    this.#table.className = "costs";
    this.#status.classList.add("countChanges");
    stage.append(this.#run.element, this.#table, this.#status);
    const [open, set] = counted.map(({ nodes }) => nodes.length);
    const from = "counted here: nodes of the two optimised plans";
    lesson.showNumber("now.batch", batch, "one more than the reference's batch");
    lesson.showNumber("now.open", open ?? 0, from);
    lesson.showNumber("now.set", set ?? 0, from);
    this.reset();
  }

  reset() {
    this.#run.reset();
    this.#show(this.#counted, false);
  }

  #show(profiles: readonly Profile[], timed: boolean) {
    const costs = costsOf(profiles);
    const most = Math.max(...costs.flatMap(({ plans }) => plans.map((each) => each?.ms ?? 0)));
    const listed = timed
      ? costs.slice(0, LISTED)
      : costs.filter(({ plans: [a, b] }) => a?.count !== b?.count);
    render(
      html`<div class="table" role="region" aria-label="Operations of both plans" tabindex="0"><table>
        <thead><tr><th>operation</th>${this.#names.map((name) => html`<th colspan=${timed ? 2 : 1}>${name}</th>`)}</tr></thead>
        <tbody>
          <tr class="total"><td>all</td>${profiles.map(
            ({ ms, nodes }) =>
              html`<td class="figure">${nodes.length}</td>${timed ? html`<td class="figure">${shownMs(ms)}</td>` : ""}`,
          )}</tr>
          ${listed.map(
            ({ op, plans }) =>
              html`<tr><td><code>${op}</code></td>${plans.map(
                (plan) =>
                  html`<td class="figure">${plan?.count ?? 0}</td>${
                    timed
                      ? html`<td class="figure timed"><span class="cost-bar" style=${`inline-size: ${(100 * (plan?.ms ?? 0)) / most}%`}></span>${plan ? shownMs(plan.ms) : "–"}</td>`
                      : ""
                  }`,
              )}</tr>`,
          )}
        </tbody>
      </table></div>`,
      this.#table,
    );
    const changes = countChanges(costsOf(this.#counted));
    render(
      html`<p>${timed ? `The ${listed.length} slowest kinds, nodes and time.` : "The kinds whose numbers differ."}
        ${changes.length} kinds differ between the plans.</p>`,
      this.#status,
    );
    if (!timed) return;
    const [open, set] = profiles;
    const from = `measured here: the fastest of ${REPEATS} profiles`;
    this.#lesson.showNumber("now.open.ms", shownMs(open?.ms ?? 0), from);
    this.#lesson.showNumber("now.set.ms", shownMs(set?.ms ?? 0), from);
  }
}

const shownMs = (ms: number): string =>
  ms < 1 ? `${Math.round(ms * 1000)} µs` : `${ms.toFixed(ms < 10 ? 2 : 1)} ms`;
