import { html, render } from "lit";
import type { Profile } from "tract-wasm";
import { status } from "../../kit/figures/controls.ts";
import { LongRun } from "../../kit/figures/long-run.ts";
import { only } from "../../kit/page/engine.ts";
import type { BuildFigure, Figure, Lesson } from "../../kit/page/lesson.ts";
import { changes, costsOf } from "../plans/graph-path.ts";
import { bothPlans } from "../plans/prepare-plans.ts";

/** Kinds of operation that are listed. */
const LISTED = 10;
/** Profiles of each plan; the quickest counts, which is the least disturbed. */
const TURNS = 3;

/** The same batch through a plan made for it, and through one that takes any. */
export const figure: BuildFigure = async (stage, lesson) => {
  const { batch, inputs, open, set } = await bothPlans(lesson);
  const plans = [open, set];
  const [before, after] = await Promise.all([
    open.profile(inputs, { rounds: 1 }),
    set.profile(inputs, { rounds: 1 }),
  ]);
  const [a = [], b = []] = await Promise.all(
    plans.map(async (plan) => Array.from(only(await plan.run(inputs)).data, Number)),
  );
  lesson.say(
    "now.differ",
    Number(differ(a, b).toPrecision(1)),
    `computed here: ${batch} images through both plans`,
  );
  const { symbol } = lesson.reading;
  const names = [`${symbol} left open`, `${symbol} = ${batch} set before`];
  const measure = (plan: number) => plans[plan]?.profile(inputs);
  return new Now(stage, lesson, batch, names, [before, after], measure);
};

const differ = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, at) => Math.abs(value - (b[at] ?? Number.NaN))));

class Now implements Figure {
  readonly #lesson: Lesson;
  readonly #names: readonly string[];
  readonly #counted: readonly Profile[];
  readonly #run: LongRun;
  readonly #table = document.createElement("div");
  readonly #said = status("div");

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
      run: async (tell, stopped) => {
        const best = [...counted.map(() => undefined as Profile | undefined)];
        for (let turn = 0; turn < TURNS * names.length && !stopped.aborted; turn++) {
          tell(turn, TURNS * names.length);
          const plan = turn % names.length;
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
              ? `Set before, a run takes ${saved} % less time here, on ${open.rounds} runs of the one and ${set.rounds} of the other.`
              : `Set before, a run is no quicker here, on ${open.rounds} runs of the one and ${set.rounds} of the other.`,
        };
      },
    });
    this.#table.className = "costs";
    this.#said.classList.add("changes");
    stage.append(this.#run.element, this.#table, this.#said);
    const [open, set] = counted.map(({ nodes }) => nodes.length);
    const from = "counted here: nodes of the two optimised plans";
    lesson.say("now.batch", batch, "one more than the reference's batch");
    lesson.say("now.open", open ?? 0, from);
    lesson.say("now.set", set ?? 0, from);
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
    const gone = changes(costsOf(this.#counted));
    render(
      html`<p>${timed ? `The ${listed.length} dearest kinds, nodes and time.` : "Kinds whose number differs."}
        ${gone.length} kinds differ between the plans.</p>`,
      this.#said,
    );
    if (!timed) return;
    const [open, set] = profiles;
    const from = `measured here: the quickest of ${TURNS} profiles`;
    this.#lesson.say("now.open.ms", shownMs(open?.ms ?? 0), from);
    this.#lesson.say("now.set.ms", shownMs(set?.ms ?? 0), from);
  }
}

const shownMs = (ms: number): string =>
  ms < 1 ? `${Math.round(ms * 1000)} µs` : `${ms.toFixed(ms < 10 ? 2 : 1)} ms`;
