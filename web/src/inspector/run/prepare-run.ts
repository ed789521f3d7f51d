import type { RemoteModel } from "tract-wasm/worker";
import { InspectError } from "../../base/inspect-error.js";
import { outputTiming } from "../../bundle/output-timing.js";
import { Archive } from "../../formats/archive.js";
import { factParts } from "../../model/facts.js";
import { type ModelView, viewOf, withEngine } from "../../model/view.js";
import { type Written, written } from "../compare/pulsed-forms.js";
import { firstChoice, wholeModel } from "../workspace/whole-model.js";
import type { PulseChoice, Workspace } from "../workspace/workspace.js";
import type { LiveSession } from "./live-session.js";
import { profileOf, silence } from "./profile.js";
import { type ExpectedOutputs, expectStreamed, expectWhole } from "./reference/expected-outputs.js";
import { expectedOfPulsed, expectedOfWhole } from "./reference/expected-wires.js";
import { ReferenceCheck } from "./reference/reference-check.js";
import { decodeSound, inputsFor, type RunInputs } from "./run-inputs.js";
import { SessionFollower } from "./session-follower.js";
import { StepRunner } from "./step-runner.js";
import { cut, type Feed, once, sound } from "./values/run-feed.js";
import type { AxisOf } from "./values/run-view.js";
import { outputsByNode, wireOutputsOf } from "./values/wire-outputs.js";

/** Used where the manifest gives no tolerance. */
const TOLERANCE = 1e-4;
/** Pulses for which wires are compared: the whole model's values are kept in memory. */
const MAX_COMPARED_PULSES = 256;

/** Source of a run's input. */
export type Input =
  | { readonly kind: "reference" }
  | { readonly kind: "file"; readonly file: File }
  | { readonly kind: "live"; readonly live: LiveSession };

const numbers = (value: unknown): number[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "number");

/** Finds the streaming axis of each wire: the axis whose size contained the symbol before pulsing. */
function axesOf(whole: ModelView | undefined, pulsed: ModelView, symbol: string): AxisOf {
  const axes = new Map<string, number>();
  for (const [wire, fact] of whole?.facts ?? []) {
    const [before, after] = [fact.split(","), pulsed.facts.get(wire)?.split(",") ?? []];
    const streams = (dim: string) =>
      factParts(`${dim},f32`).some((part) => part.symbol && part.text === symbol);
    const axis = before.findIndex((dim, at) => streams(dim) && dim !== after[at]);
    if (axis >= 0) axes.set(wire, axis);
  }
  return (wire) => axes.get(wire) ?? -1;
}

/**
 * Prepares a run: of the pulsed model if it can stream, otherwise of the whole model at once.
 *
 * @throws TractError, InspectError, BundleError
 */
export async function prepareRun(
  workspace: Workspace,
  input: Input,
): Promise<StepRunner | SessionFollower> {
  const { subject, link } = workspace;
  const whole = await wholeModel(workspace);
  const choice = firstChoice(workspace, whole);
  if (!subject || !choice) return runWhole(workspace, whole);
  try {
    const before = await written(whole, subject.title, link).catch(() => undefined);
    if (input.kind === "live") return await followSession(workspace, input.live, before, choice);
    const pulsed = await whole.pulse(choice.symbol, choice.pulse);
    const title = `${subject.title} · ${choice.symbol} = ${choice.pulse}`;
    const after = await written(pulsed, title, link).finally(() => pulsed.dispose());
    // Writing may split a node: run exactly the text that is shown.
    const model = await link.load(after.bytes);
    return await runPulsed(workspace, { model, after, before, choice, whole }, input);
  } finally {
    whole.dispose();
  }
}

async function runWhole(workspace: Workspace, model: RemoteModel): Promise<StepRunner> {
  const { subject, view } = workspace;
  if (!subject || !view) throw new InspectError("no model is open", "source");
  const given = await inputsFor(subject, model, undefined);
  const names = new Set(model.inputs.map(({ name }) => name));
  const feed = once(given.name, new Map([...given.tensors].filter(([name]) => names.has(name))));
  const tolerance = toleranceOf(workspace, "whole");
  const expected = given.isReference ? expectWhole(given.tensors, tolerance) : undefined;
  const expectedWires = await expectedOfWhole(model, view, feed.whole(1), tolerance);
  const check = new ReferenceCheck("a second run from a new state", tolerance, expectedWires);
  return new StepRunner(view, model, { feed, expected, check, axisOf: () => -1 });
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
  input: Exclude<Input, { kind: "live" }>,
): Promise<StepRunner> {
  const { subject } = workspace;
  if (!subject) throw new InspectError("no model is open", "source");
  const { properties } = model;
  const inputAxes = numbers(properties["pulse.input_axes"]);
  const outputAxes = numbers(properties["pulse.output_axes"]);
  const delays = numbers(properties["pulse.delay"]);
  const made = subject.bundle?.manifest.pulses.find(
    (each) => each.symbol === choice.symbol && each.pulse === choice.pulse,
  );
  const given = await inputsFor(subject, whole, choice.symbol);
  const inputs = model.inputs.map(({ name }, at) => ({ name, axis: inputAxes[at] ?? -1 }));
  const feed =
    input.kind === "file"
      ? await soundFeed(workspace, model, input.file, inputs[0]?.axis ?? -1)
      : cut(given.name, given.tensors, { frames: choice.pulse, inputs });
  const outputs = model.outputs.map(({ name, shape }, at) => {
    const axis = outputAxes[at] ?? -1;
    const timing = outputTiming(made, { name, at }, delays);
    return { name, axis, framesPerPulse: Number(shape[axis] ?? 1), ...timing };
  });
  const expected = expectedOf(workspace, given, input, outputs);
  const axisOf = axesOf(before?.view, after.view, choice.symbol);
  const tolerance = toleranceOf(workspace, "whole");
  // Without a whole model that can be written and takes this input, wires are not compared.
  const expectedWires =
    before &&
    (await expectedOfPulsed(
      { before, pulsed: after.view, axisOf, cut: { ...choice, outputs } },
      feed.whole(MAX_COMPARED_PULSES),
      workspace.link,
      tolerance,
    ).catch(() => undefined));
  const against =
    feed.pulses > MAX_COMPARED_PULSES
      ? `the whole model, run once on the first ${MAX_COMPARED_PULSES} pulses`
      : "the whole model, run once on the same input";
  const check = expectedWires && new ReferenceCheck(against, tolerance, expectedWires);
  return new StepRunner(after.view, model, { feed, expected, check, axisOf });
}

function expectedOf(
  workspace: Workspace,
  given: RunInputs,
  { kind }: Input,
  streamed: Parameters<typeof expectStreamed>[1],
): ExpectedOutputs | undefined {
  if (!given.isReference || kind !== "reference") return undefined;
  return expectStreamed(given.tensors, streamed, toleranceOf(workspace, "pulsed"));
}

async function soundFeed(
  workspace: Workspace,
  model: RemoteModel,
  file: File,
  axis: number,
): Promise<Feed> {
  const rate = workspace.subject?.bundle?.manifest.audio?.sampleRate ?? 16_000;
  const [input] = model.inputs;
  const shape = (input?.shape ?? []).map((dim) => (typeof dim === "number" ? dim : 1));
  return sound(file.name, await decodeSound(file, rate), input?.name ?? "", shape, axis);
}

/** Follows a session that runs the bundle's pulsed archive; shows that archive's text. */
async function followSession(
  { subject, link }: Workspace,
  live: LiveSession,
  before: Written | undefined,
  { symbol }: PulseChoice,
): Promise<SessionFollower> {
  const file = subject?.bundle?.manifest.pulses[0]?.file;
  const bytes = file === undefined ? undefined : await subject?.read(file);
  if (!subject || !bytes)
    throw new InspectError("this bundle has no pulsed archive to follow", "source");
  const text = await viewOf(await Archive.open(bytes), `${subject.title} · ${file}`);
  const model = await link.load(bytes);
  const { nodes } = await model.graph();
  const view = withEngine(text, nodes);
  const profile = () => profileOf(model, silence(model)).finally(() => model.dispose());
  return new SessionFollower({
    view,
    live,
    makes: wireOutputsOf(outputsByNode(view.scopes.graph, nodes)),
    axisOf: axesOf(before?.view, view, symbol),
    profile,
  });
}

/** The tolerance of a pulsed run is that of the whole model plus that of pulsing. */
function toleranceOf({ subject }: Workspace, claim: "whole" | "pulsed"): number {
  const proofs = subject?.bundle?.manifest.verified ?? [];
  const of = (each: string) => proofs.find((proof) => proof.claim === each)?.tolerance;
  const whole = of("whole") ?? TOLERANCE;
  return claim === "whole" ? whole : whole + (of("pulsed") ?? 0);
}
