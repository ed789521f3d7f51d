import { shortOp } from "../nnef/ops.js";
import type { FoldedNode } from "./fold.js";
import type { RawNode } from "./raw-graph.js";

/** Label of a drawn node: its operation, and its most informative attribute. */
export interface NodeLabel {
  readonly title: string;
  readonly detail: string;
  /** For a node that keeps frames, e.g. `3 kept`. */
  readonly badge: string | undefined;
}

const ACTIVATION_OF_CLAMP: Readonly<Record<string, string>> = { max: "relu", min: "min" };

export function labelOf(node: FoldedNode): NodeLabel {
  const { raw, absorbed } = node;
  if (raw.op.endsWith("external")) return { title: "input", detail: raw.id, badge: undefined };
  const own = raw.fragment && !raw.op.endsWith("scan") ? raw.op : shortOp(raw.op);
  const after = absorbed.filter((each) => each.op !== "add" && each.op !== "sub");
  const bias = absorbed.length > after.length && !node.constants.some((it) => it.role === "bias");
  const parts = [
    own,
    ...(bias ? ["bias"] : []),
    ...after.map((each) => shortOp(ACTIVATION_OF_CLAMP[each.op] ?? each.op)),
  ];
  return { title: parts.join(" + "), detail: detailOf(node), badge: badgeOf(raw) };
}

function badgeOf({ memory }: RawNode): string | undefined {
  if (!memory) return undefined;
  if (memory.kind !== "delay") return memory.kind === "scan" ? "state" : memory.kind;
  return `${memory.delay + memory.overlap} kept`;
}

const read = (node: RawNode, name: string): string | undefined =>
  node.attributes.find((each) => each.name === name)?.text.replace(/\s+/g, "");

const TELLING = ["axes", "axis", "size", "shape", "expr", "to", "begin", "body"];

function detailOf({ raw, constants: all }: FoldedNode): string {
  const constants = all.filter(({ isSize }) => !isSize);
  const weight = constants.find((each) => each.role === "filter") ?? constants[0];
  const shape = weight?.chain[0]?.constant?.shape;
  const { memory } = raw;
  if (memory?.kind === "delay") return `delay ${memory.delay} · overlap ${memory.overlap}`;
  const stride = read(raw, "stride")?.replace(/[[\]]/g, "");
  const strided = stride && /[^1,]/.test(stride) ? ` / ${stride}` : "";
  if (shape && shape.length > 1) return `${shape.join("×")}${strided}`;
  if (raw.fragment) return raw.op.endsWith("scan") ? raw.fragment : "fragment";
  if (read(raw, "begin") && read(raw, "end")) {
    return `${read(raw, "axes") ?? ""} ${read(raw, "begin")}:${read(raw, "end")}`.trim();
  }
  for (const name of TELLING) {
    const value = read(raw, name);
    if (value)
      return `${name} ${value.replace(/^["']|["']$/g, "")}${name === "size" ? strided : ""}`;
  }
  const [source] = constants[0]?.chain ?? [];
  const literal = source?.constant ? source.constant.text : source?.attributes[0]?.text;
  if (literal) return literal;
  const [first] = raw.attributes;
  return first ? `${first.name} ${first.text}` : raw.id;
}
