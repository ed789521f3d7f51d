import { symbolsOf } from "../../model/facts.js";
import { shortOp } from "../../nnef/ops.js";
import type { Change, Difference } from "./diff.js";

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

const PLURAL: Readonly<Record<string, string>> = { property: "properties", registry: "registries" };

function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

/** Counts operations by kind: `3 delay ops`. */
function operations(changes: readonly Change[]): string[] {
  const kinds = new Map<string, number>();
  for (const { op } of changes) kinds.set(shortOp(op), (kinds.get(shortOp(op)) ?? 0) + 1);
  return [...kinds].map(([op, count]) => counted(count, `${op} op`));
}

/** Describes changed attributes by kind of operation: one in full, several by count. */
function settings(changes: readonly Change[]): string[] {
  const groups = new Map<string, readonly [Change, ...Change[]]>();
  for (const change of changes) {
    const kind = `${change.what} of ${shortOp(change.op)}`;
    const [first, ...others] = groups.get(kind) ?? [];
    groups.set(kind, first ? [first, ...others, change] : [change]);
  }
  return [...groups.values()].map(([{ op, what, before, after }, ...others]) =>
    others.length > 0
      ? `changed ${what} of ${counted(others.length + 1, `${shortOp(op)} op`)}`
      : `set ${what} of a ${shortOp(op)} from ${before || "nothing"} to ${after || "nothing"}`,
  );
}

function lines({ lines: all }: Difference, side: "before" | "after"): string[] {
  const other = side === "after" ? "before" : "after";
  const only = all.filter((line) => line[side] !== undefined && line[other] === undefined);
  const count = (kind: (name: string) => boolean) => only.filter(({ name }) => kind(name)).length;
  const registry = count((name) => name.startsWith("tract_registry "));
  const property = only.filter(({ kind }) => kind === "property").length;
  const extension = only.length - registry - property;
  return Object.entries({ registry, property, extension }).flatMap(([one, many]) =>
    many ? [counted(many, one, PLURAL[one])] : [],
  );
}

/** Describes a comparison in one sentence. `pulsed` is the symbol and its pulse. */
export function sentenceOf(
  difference: Difference,
  pulsed: { readonly symbol: string; readonly pulse: number } | undefined,
): string {
  const { changes } = difference;
  const of = (kind: Change["kind"]) => changes.filter((change) => change.kind === kind);
  const parts: string[] = [];
  const added = [...operations(of("added")), ...lines(difference, "after")];
  const removed = [...operations(of("removed")), ...lines(difference, "before")];
  if (added.length) parts.push(`added ${listed(added)}`);
  if (removed.length) parts.push(`removed ${listed(removed)}`);
  const facts = of("fact").filter(({ what }) => what === "");
  const turned = pulsed
    ? facts.filter((each) => symbolsOf(each.before).includes(pulsed.symbol))
    : [];
  if (pulsed && turned.length) {
    parts.push(`turned ${pulsed.symbol} into ${pulsed.pulse} on ${counted(turned.length, "wire")}`);
  }
  const others = facts.length - turned.length;
  if (others) parts.push(`changed the fact of ${counted(others, pulsed ? "other wire" : "wire")}`);
  parts.push(...settings(changes.filter(({ what }) => what !== "")));
  const subject = pulsed ? `Pulsing ${pulsed.symbol} by ${pulsed.pulse}` : "The second model";
  return parts.length === 0
    ? `${subject} changed nothing.`
    : `${subject} ${listed(parts)}; nothing else changed.`;
}
