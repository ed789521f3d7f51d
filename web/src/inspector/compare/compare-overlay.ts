import type { Extra } from "../details/nnef-details.js";
import type { Overlay } from "../workspace/overlay.js";
import type { Change } from "./diff.js";
import type { Comparison } from "./pulsed-forms.js";

/** Draws a comparison on the second model, with unchanged parts faded. */
export function overlayOf({ after, difference }: Comparison): Overlay {
  const those = (chosen: (each: Change) => boolean) =>
    new Map(difference.changes.flatMap((each) => (chosen(each) ? [[each.name, each]] : [])));
  const added = those(({ kind }) => kind === "added");
  const facts = those(({ kind, what }) => kind === "fact" && what === "");
  const attributes = those(({ what }) => what !== "");
  return {
    view: after.view,
    pictures: false,
    marks: {
      change: ({ name }) => (added.has(name) ? "added" : attributes.has(name) ? "changed" : "same"),
      wireChange: ({ wire }) => {
        const change = facts.get(wire);
        return (
          change && {
            before: bare(change.before, change.after),
            after: bare(change.after, change.before),
          }
        );
      },
    },
    extras: (name) => extrasOf(difference.changes.filter((each) => each.name === name)),
  };
}

/** A fact without its dtype if the other has the same. */
function bare(fact: string, other: string): string {
  const end = fact.lastIndexOf(",");
  return fact.slice(end) === other.slice(other.lastIndexOf(",")) ? fact.slice(0, end) : fact;
}

function extrasOf(changes: readonly Change[]): Extra[] {
  return changes.map(({ kind, what, before, after }) => {
    if (kind === "added") return { label: "change", value: "added by pulsing" };
    return what === ""
      ? { label: "was", value: before }
      : { label: `${what} changed`, value: `${before} → ${after}` };
  });
}
