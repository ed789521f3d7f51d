import type { RemoteModel } from "tract-wasm/worker";
import { InspectError } from "../../base/inspect-error.js";
import { Archive } from "../../formats/archive.js";
import { factParts } from "../../model/facts.js";
import { type ModelView, viewOf, withEngine } from "../../model/view.js";
import { type Written, written } from "../compare/pulsing.js";
import { firstChoice, wholeModel } from "../workspace/whole.js";
import type { PulseChoice, Workspace } from "../workspace/workspace.js";
import { Follower } from "./follower.js";
import { decoded, type Given, givenFor } from "./inputs.js";
import type { Live } from "./live.js";
import { profileOf, silence } from "./profile.js";
import { type Expected, expectStreamed, expectWhole } from "./reference/expected.js";
import { Holding } from "./reference/holding.js";
import { rightsOfPulsed, rightsOfWhole } from "./reference/rights.js";
import { Runner } from "./runner.js";
import { cut, type Feed, once, sound } from "./values/feed.js";
import type { AxisOf } from "./values/sight.js";
import { madeBy, makerOf } from "./values/wires.js";

/** Held against where the manifest names no tolerance for the file. */
const TOLERANCE = 1e-4;
/** Pulses the whole model is run on, to hold wires against: what it gives is kept. */
const MOST_HELD = 256;

/** What a model is run on. */
export type Input =
  | { readonly kind: "reference" }
  | { readonly kind: "file"; readonly file: File }
  | { readonly kind: "live"; readonly live: Live };

const numbers = (value: unknown): number[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => typeof each === "number");

/** A whole model's wire's streaming axis, told by where its size lost the symbol. */
function axesOf(whole: ModelView | undefined, pulsed: ModelView, symbol: string): AxisOf {
  const axes = new Map<string, number>();
  for (const [wire, fact] of whole?.facts ?? []) {
    const [was, is] = [fact.split(","), pulsed.facts.get(wire)?.split(",") ?? []];
    const streams = (dim: string) =>
      factParts(`${dim},f32`).some((part) => part.symbol && part.text === symbol);
    const axis = was.findIndex((dim, at) => streams(dim) && dim !== is[at]);
    if (axis >= 0) axes.set(wire, axis);
  }
  return (wire) => axes.get(wire) ?? -1;
}

/**
 * A run of what is open: its pulsed form where something streams, the whole at once otherwise.
 *
 * @throws TractError, InspectError, BundleError
 */
export async function prepareRun(workspace: Workspace, input: Input): Promise<Runner | Follower> {
  const { subject, link } = workspace;
  const whole = await wholeModel(workspace);
  const choice = firstChoice(workspace, whole);
  if (!subject || !choice) return runWhole(workspace, whole);
  try {
    const before = await written(whole, subject.title, link).catch(() => undefined);
    if (input.kind === "live") return await follow(workspace, input.live, before, choice);
    const pulsed = await whole.pulse(choice.symbol, choice.pulse);
    const title = `${subject.title} · ${choice.symbol} = ${choice.pulse}`;
    const after = await written(pulsed, title, link).finally(() => pulsed.dispose());
    // Writing splits nodes: what runs is the text that is shown, read again.
    const model = await link.load(after.bytes);
    return await runPulsed(workspace, { model, after, before, choice, whole }, input);
  } finally {
    whole.dispose();
  }
}

async function runWhole(workspace: Workspace, model: RemoteModel): Promise<Runner> {
  const { subject, view } = workspace;
  if (!subject || !view) throw new InspectError("nothing is open", "source");
  const given = await givenFor(subject, model, undefined);
  const names = new Set(model.inputs.map(({ name }) => name));
  const feed = once(given.name, new Map([...given.tensors].filter(([name]) => names.has(name))));
  const tolerance = toleranceOf(workspace, "whole");
  const expected = given.isReference ? expectWhole(given.tensors, tolerance) : undefined;
  const rights = await rightsOfWhole(model, view, feed.whole(1), tolerance);
  const holding = new Holding("a second run that remembers nothing", tolerance, rights);
  return new Runner(view, model, { feed, expected, holding, axisOf: () => -1 });
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
): Promise<Runner> {
  const { subject } = workspace;
  if (!subject) throw new InspectError("nothing is open", "source");
  const { properties } = model;
  const inputAxes = numbers(properties["pulse.input_axes"]);
  const outputAxes = numbers(properties["pulse.output_axes"]);
  const [delay = 0] = numbers(properties["pulse.delay"]);
  const made = subject.bundle?.manifest.pulses.find(
    (each) => each.symbol === choice.symbol && each.pulse === choice.pulse,
  );
  const warmUp = made?.warmUp ?? 0;
  const given = await givenFor(subject, whole, choice.symbol);
  const inputs = model.inputs.map(({ name }, at) => ({ name, axis: inputAxes[at] ?? -1 }));
  const feed =
    input.kind === "file"
      ? await soundFeed(workspace, model, input.file, inputs[0]?.axis ?? -1)
      : cut(given.name, given.tensors, { frames: choice.pulse, inputs });
  const outputs = model.outputs.map(({ name }, at) => ({ name, axis: outputAxes[at] ?? -1 }));
  const expected = expectedOf(workspace, given, input, { delay, warmUp, outputs });
  const axisOf = axesOf(before?.view, after.view, choice.symbol);
  const [output] = model.outputs;
  const outputFrames = output?.shape[outputAxes[0] ?? -1];
  const cutting = {
    ...choice,
    delay,
    warmUp,
    outputFrames: typeof outputFrames === "number" ? outputFrames : 1,
  };
  const tolerance = toleranceOf(workspace, "whole");
  // A whole model that cannot be written, or that refuses this input, leaves the wires unheld.
  const rights =
    before &&
    (await rightsOfPulsed(
      { before, pulsed: after.view, axisOf, cut: cutting },
      feed.whole(MOST_HELD),
      workspace.link,
      tolerance,
    ).catch(() => undefined));
  const against =
    feed.pulses > MOST_HELD
      ? `the whole model, run once on the first ${MOST_HELD} pulses`
      : "the whole model, run once on the same input";
  const holding = rights && new Holding(against, tolerance, rights);
  return new Runner(after.view, model, { feed, expected, holding, axisOf });
}

function expectedOf(
  workspace: Workspace,
  given: Given,
  { kind }: Input,
  streamed: Parameters<typeof expectStreamed>[1],
): Expected | undefined {
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
  return sound(file.name, await decoded(file, rate), input?.name ?? "", shape, axis);
}

/** Follows a stream of the bundle's own pulsed archive: that text is what is shown. */
async function follow(
  { subject, link }: Workspace,
  live: Live,
  before: Written | undefined,
  { symbol }: PulseChoice,
): Promise<Follower> {
  const file = subject?.bundle?.manifest.pulses[0]?.file;
  const bytes = file === undefined ? undefined : await subject?.read(file);
  if (!subject || !bytes) throw new InspectError("nothing here streams", "source");
  const text = await viewOf(await Archive.open(bytes), `${subject.title} · ${file}`);
  const model = await link.load(bytes);
  const { nodes } = await model.graph();
  const view = withEngine(text, nodes);
  const profile = () => profileOf(model, silence(model)).finally(() => model.dispose());
  return new Follower({
    view,
    live,
    makes: makerOf(madeBy(view.scopes.graph, nodes)),
    axisOf: axesOf(before?.view, view, symbol),
    profile,
  });
}

/** A pulsed run may be off by as much as the whole model is from its source, and it from the whole. */
function toleranceOf({ subject }: Workspace, claim: "whole" | "pulsed"): number {
  const proofs = subject?.bundle?.manifest.verified ?? [];
  const of = (each: string) => proofs.find((proof) => proof.claim === each)?.tolerance;
  const whole = of("whole") ?? TOLERANCE;
  return claim === "whole" ? whole : whole + (of("pulsed") ?? 0);
}
