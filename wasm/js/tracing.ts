import { InputError } from "./errors.js";
import type { ReplyReader } from "./packing.js";
import type { Tensor } from "./tensor.js";
import type { DelayState, Fact, ScanState, Trace, TraceNode, TraceOptions } from "./types.js";

/** A node of a plan, as the engine returns it. */
export interface Step {
  readonly id: number;
  readonly name: string;
  readonly op: string;
  readonly covers: readonly string[];
  readonly state?: Omit<DelayState, "buffer"> | ScanState;
}

enum Keep {
  None = 0,
  All = 1,
  Listed = 2,
}

function keepsStates({ values = true, states = values !== false }: TraceOptions): boolean {
  return states;
}

/** Encodes trace options for `state_trace` (src/abi/exports.rs). */
export function traceWords(options: TraceOptions, steps: readonly Step[]): number[] {
  const { timing = true, values = true } = options;
  const ids = Array.isArray(values) ? values.map((name) => idOf(name, steps)) : [];
  const keep = Array.isArray(values) ? Keep.Listed : values ? Keep.All : Keep.None;
  return [Number(timing), Number(keepsStates(options)), keep, ids.length, ...ids];
}

function idOf(name: string, steps: readonly Step[]): number {
  const step =
    steps.find((step) => step.name === name) ?? steps.find((step) => step.covers.includes(name));
  if (step === undefined)
    throw new InputError(`the plan has no node "${name}" whose values could be traced`);
  return step.id;
}

/** A trace's nodes without values, for nodes that were not traced. */
export function bareNodes(steps: readonly Step[]): readonly TraceNode[] {
  return steps.map((step) => traceNode(step, [], undefined));
}

function traceNode(step: Step, outputs: readonly Tensor[], buffer: Tensor | undefined): TraceNode {
  const { id, name, op, covers, state } = step;
  const node = { id, name, op, covers, outputs };
  if (state === undefined) return node;
  return { ...node, state: state.kind === "delay" ? { ...state, buffer: buffer ?? null } : state };
}

/** Reads the reply of `state_trace`. `bare` is the result of `bareNodes` for `steps`. */
export function readTrace(
  reply: ReplyReader,
  options: TraceOptions,
  steps: readonly Step[],
  bare: readonly TraceNode[],
  facts: readonly Fact[],
): Trace {
  const { timing = true, values = true } = options;
  const outputs = reply.named(facts);
  if (!timing && values === false && !keepsStates(options)) return { outputs, nodes: bare };
  const [ms = 0, ...times] = timing ? reply.f64s(1 + steps.length) : [];
  const [valueCount, delayCount] = [reply.u32(), reply.u32()];
  const kept = new Map<number, Tensor[]>();
  for (let ix = 0; ix < valueCount; ix++) {
    const id = reply.u32();
    reply.u32();
    kept.set(id, reply.tensors());
  }
  const buffers = new Map<number, Tensor>();
  for (let ix = 0; ix < delayCount; ix++) {
    const id = reply.u32();
    reply.u32();
    buffers.set(id, reply.tensor());
  }
  const nodes = steps.map((step, ix) => {
    const node = traceNode(step, kept.get(step.id) ?? [], buffers.get(step.id));
    return timing ? { ...node, ms: times[ix] ?? 0 } : node;
  });
  return timing ? { outputs, nodes, ms } : { outputs, nodes };
}
