import type { RemoteModel } from "tract-wasm/worker";
import { type Written, written } from "../compare/pulsing.js";
import { firstChoice, type PulseChoice, wholeModel } from "../engine/whole.js";
import { factParts } from "../model/facts.js";
import type { ModelView } from "../model/view.js";
import type { Workspace } from "../workspace.js";
import { type Expected, expectStreamed, expectWhole } from "./expected.js";
import { cut, type Feed, type Intake, once, sound } from "./feed.js";
import { decoded, givenFor } from "./inputs.js";
import { LiveFeed, type SoundSource } from "./live.js";
import { Runner } from "./runner.js";

/** Held against where the manifest names no tolerance for the file. */
const TOLERANCE = 1e-4;

const numbers = (value: unknown): number[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "number");

/** A whole model's wire's streaming axis, told by where its size lost the symbol. */
function axesOf(whole: ModelView | undefined, pulsed: ModelView, symbol: string) {
  const axes = new Map<string, number>();
  for (const [wire, fact] of whole?.facts ?? []) {
    const [was, is] = [fact.split(","), pulsed.facts.get(wire)?.split(",") ?? []];
    const streams = (dim: string) =>
      factParts(`${dim},f32`).some((part) => part.symbol && part.text === symbol);
    const axis = was.findIndex((dim, at) => streams(dim) && dim !== is[at]);
    if (axis >= 0) axes.set(wire, axis);
  }
  return axes;
}

/**
 * A run of what is open: its pulsed form where something streams, the whole at once otherwise.
 *
 * @param heard a sound to run on instead of the reference: a file, or a stream that is running
 * @throws TractError, InspectError, BundleError
 */
export async function prepareRun(
  workspace: Workspace,
  heard?: File | SoundSource,
): Promise<Runner> {
  const { subject, link } = workspace;
  const whole = await wholeModel(workspace);
  const choice = firstChoice(workspace, whole);
  if (!subject || !choice) return runWhole(workspace, whole);
  try {
    const model = await whole.pulse(choice.symbol, choice.pulse);
    const after = await written(
      model,
      `${subject.title} · ${choice.symbol} = ${choice.pulse}`,
      link,
    );
    const before = await written(whole, subject.title, link).catch(() => undefined);
    return await runPulsed(workspace, { model, after, before, choice, whole }, heard);
  } finally {
    whole.dispose();
  }
}

async function runWhole(workspace: Workspace, model: RemoteModel): Promise<Runner> {
  const { subject, view } = workspace;
  if (!subject || !view) throw new Error("nothing is open");
  const given = await givenFor(subject, model, undefined);
  const names = new Set(model.inputs.map(({ name }) => name));
  const inputs = new Map([...given.tensors].filter(([name]) => names.has(name)));
  const expected = given.isReference
    ? expectWhole(given.tensors, toleranceOf(workspace, "whole"))
    : undefined;
  return new Runner(view, model, once(given.name, inputs), expected, () => -1);
}

interface Pulsed {
  readonly whole: RemoteModel;
  readonly model: RemoteModel;
  readonly before: Written | undefined;
  readonly after: Written;
  readonly choice: PulseChoice;
}

async function runPulsed(
  workspace: Workspace,
  { whole, model, before, after, choice }: Pulsed,
  heard: File | SoundSource | undefined,
): Promise<Runner> {
  const { subject } = workspace;
  if (!subject) throw new Error("nothing is open");
  const { properties } = model;
  const inputAxes = numbers(properties["pulse.input_axes"]);
  const outputAxes = numbers(properties["pulse.output_axes"]);
  const given = await givenFor(subject, whole, choice.symbol);
  const intake: Intake = {
    frames: choice.pulse,
    inputs: model.inputs.map(({ name }, at) => ({ name, axis: inputAxes[at] ?? -1 })),
  };
  const axes = axesOf(before?.view, after.view, choice.symbol);
  const feed = heard
    ? await soundFeed(workspace, model, heard)
    : cut(given.name, given.tensors, intake);
  let expected: Expected | undefined;
  if (given.isReference && !heard) {
    const made = subject.bundle?.manifest.pulses.find(
      (each) => each.symbol === choice.symbol && each.pulse === choice.pulse,
    );
    const streamed = {
      delay: numbers(properties["pulse.delay"])[0] ?? 0,
      warmUp: made?.warmUp ?? 0,
      outputs: model.outputs.map(({ name }, at) => ({ name, axis: outputAxes[at] ?? -1 })),
    };
    expected = expectStreamed(given.tensors, streamed, toleranceOf(workspace, "pulsed"));
  }
  return new Runner(after.view, model, feed, expected, (wire) => axes.get(wire) ?? -1);
}

async function soundFeed(
  workspace: Workspace,
  model: RemoteModel,
  heard: File | SoundSource,
): Promise<Feed> {
  const rate = workspace.subject?.bundle?.manifest.audio?.sampleRate ?? 16_000;
  const [input] = model.inputs;
  const shape = (input?.shape ?? []).map((dim) => (typeof dim === "number" ? dim : 1));
  const name = input?.name ?? "";
  return heard instanceof File
    ? sound(heard.name, await decoded(heard, rate), name, shape)
    : new LiveFeed(heard, name, shape);
}

/** A pulsed run may be off by as much as the whole model is from its source, and it from the whole. */
function toleranceOf({ subject }: Workspace, claim: "whole" | "pulsed"): number {
  const proofs = subject?.bundle?.manifest.verified ?? [];
  const of = (each: string) => proofs.find((proof) => proof.claim === each)?.tolerance;
  const whole = of("whole") ?? TOLERANCE;
  return claim === "whole" ? whole : whole + (of("pulsed") ?? 0);
}
