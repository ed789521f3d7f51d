import { InputError } from "./errors.js";
import type { ReplyReader } from "./packing.js";
import type { Tensor } from "./tensor.js";
import type { DelayState, Fact, ScanState, Trace, TraceNode, TraceOptions } from "./types.js";

/** A node of a plan, as the engine describes it. */
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

/** What `state_trace` is to keep (src/boundary.rs), for `options`. */
export function traceWords(options: TraceOptions, steps: readonly Step[]): number[] {
  const { timing = true, values = true } = options;
  const ids = Array.isArray(values) ? values.map((name) => idOf(name, steps)) : [];
  const keep = Array.isArray(values) ? Keep.Listed : values ? Keep.All : Keep.None;
  return [Number(timing), Number(keepsStates(options)), keep, ids.length, ...ids];
}

function idOf(name: string, steps: readonly Step[]): number {
  const step =
    steps.find((step) => step.name === name) ?? steps.find((step) => step.covers.includes(name));
  if (step === undefined) throw new InputError(`the plan has no node ${name} whose value to keep`);
  return step.id;
}

/** Reads what `state_trace` replies. */
export function readTrace(
  reply: ReplyReader,
  { timing = true }: TraceOptions,
  steps: readonly Step[],
  facts: readonly Fact[],
): Trace {
  const outputs = reply.named(facts);
  const [ms = 0, ...times] = timing ? reply.f64s(1 + steps.length) : [];
  const [valueCount, delayCount] = [reply.u32(), reply.u32()];
  const values = new Map<number, Tensor[]>();
  for (let ix = 0; ix < valueCount; ix++) {
    const id = reply.u32();
    reply.u32();
    values.set(id, reply.tensors());
  }
  const buffers = new Map<number, Tensor>();
  for (let ix = 0; ix < delayCount; ix++) {
    const id = reply.u32();
    reply.u32();
    buffers.set(id, reply.tensor());
  }
  const nodes = steps.map(({ id, name, op, covers, state }, ix): TraceNode => {
    const node = { id, name, op, covers, outputs: values.get(id) ?? [] };
    const time = timing ? { ms: times[ix] ?? 0 } : undefined;
    if (state === undefined) return { ...node, ...time };
    const held = state.kind === "delay" ? { ...state, buffer: buffers.get(id) ?? null } : state;
    return { ...node, ...time, state: held };
  });
  return timing ? { outputs, nodes, ms } : { outputs, nodes };
}
