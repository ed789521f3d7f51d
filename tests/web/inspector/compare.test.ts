import { loadTract, type Model, tensor } from "tract-wasm";
import { expect, test } from "vitest";
import { outputTiming } from "../../../web/src/bundle/output-timing.js";
import { Archive } from "../../../web/src/formats/archive.js";
import { diff } from "../../../web/src/inspector/compare/diff.js";
import { sentenceOf } from "../../../web/src/inspector/compare/sentence.js";
import { expectStreamed } from "../../../web/src/inspector/run/reference/expected-outputs.js";
import { cut } from "../../../web/src/inspector/run/values/run-feed.js";
import {
  columns,
  frames,
  largestDifference,
} from "../../../web/src/inspector/run/values/tensor-frames.js";
import { evaluate } from "../../../web/src/model/dimension.js";
import { engineNodes, factsOfEngine } from "../../../web/src/model/facts.js";
import { factsInside } from "../../../web/src/model/scope-facts.js";
import { type ModelView, viewOf, withEngine } from "../../../web/src/model/view.js";
import { random } from "../random.js";
import { twoHeads } from "../stream/small-models.js";
import { gzip, tar } from "./archives.js";
import { smallDeepSpeech } from "./deepspeech.js";

const tract = await loadTract();
const model = await tract.load(await smallDeepSpeech());

async function written(of: Model): Promise<ModelView> {
  const bytes = await of.toNnef();
  const view = await viewOf(await Archive.open(bytes), "written");
  const again = await tract.load(bytes);
  return withEngine(view, again.graph().nodes);
}

test("pulsing by 8 adds three delays, a registry, properties and facts, and no more", async () => {
  const difference = diff(await written(model), await written(model.pulse("S", 8)));
  const of = (kind: string) => difference.changes.filter((change) => change.kind === kind);
  expect(of("added").map(({ op }) => op)).toEqual(new Array(3).fill("tract_pulse_delay"));
  expect(of("removed")).toEqual([]);
  expect(of("attribute")).toEqual([]);
  const wires = of("fact").filter(({ what }) => what === "");
  for (const { before, after } of wires) {
    expect(before).toMatch(/S/);
    expect(after).not.toMatch(/S/);
  }
  // The scan waits for the delay before it: a fact of the stream, told with the others.
  const skips = of("fact").filter(({ what }) => what !== "");
  expect(skips.map(({ name, what, before, after }) => [name, what, before, after])).toEqual([
    ["hidden", "skip", "0", "3"],
  ]);
  expect(difference.lines.map(({ name }) => name)).toEqual([
    "tract_registry tract_pulse",
    "pulse.delay",
    "pulse.input_axes",
    "pulse.output_axes",
    "pulse.streaming_symbol",
  ]);
  const facts = wires.length;
  expect(facts).toBeGreaterThan(10);
  expect(sentenceOf(difference, { symbol: "S", pulse: 8 })).toBe(
    `Pulsing S by 8 added 3 delay ops, 1 registry and 4 properties, turned S into 8 on ${facts} wires and set skip of a scan from 0 to 3; nothing else changed.`,
  );
});

test("a model compared with itself has changed nothing", async () => {
  const view = await written(model);
  const difference = diff(view, view);
  expect(difference).toEqual({ changes: [], lines: [] });
  expect(sentenceOf(difference, undefined)).toBe("The second model changed nothing.");
});

test("every wire of the text finds the engine's node, and the engine's facts", async () => {
  const view = await viewOf(await Archive.open(await smallDeepSpeech()), "whole");
  const { nodes } = model.graph();
  const found = engineNodes(view.scopes.graph, nodes);
  const facts = factsOfEngine(view.scopes.graph, nodes);
  for (const { outputs } of view.scopes.graph.nodes) {
    for (const wire of outputs) expect([wire, found.has(wire)]).toEqual([wire, true]);
  }
  expect(facts.get("relu1")).toBe("1,8,-1+(S+1)/2,f32");
  expect(facts.get("logits")).toBe(model.outputs[0]?.fact);
});

test("pulses moved back by the delay equal the whole", () => {
  const length = 64;
  const next = random(5);
  const data = Float32Array.from({ length: length * 6 }, () => next() * 2 - 1);
  const melbank = tensor(data, [1, length, 6]);
  const logits = model.prepare().run({ melbank }).logits;
  if (!logits) throw new Error("no output");
  const reference = new Map([["logits", logits]]);
  const pulsed = model.pulse("S", 8);
  const state = pulsed.prepare({ optimize: false }).spawnState();
  const feed = cut("noise", new Map([["melbank", melbank]]), {
    frames: 8,
    inputs: [{ name: "melbank", axis: 1 }],
  });
  const expected = expectStreamed(
    reference,
    [{ name: "logits", axis: 1, framesPerPulse: 2, delay: 3, warmUp: 0 }],
    1e-4,
  );
  return (async () => {
    let [most, compared] = [0, 0];
    for (let at = 0; ; at++) {
      const inputs = await feed.pulse(at);
      if (!inputs) break;
      const error = expected.compare(state.run(inputs), at);
      if (error === undefined) continue;
      most = Math.max(most, error);
      compared++;
    }
    expect(compared).toBe(7);
    expect(most).toBeLessThan(1e-5);
    // A reference that is moved by one frame must be told apart.
    const moved = new Map([["logits", frames(logits, 1, 1, logits.shape[1] ?? 0)]]);
    const wrong = expectStreamed(
      moved,
      [{ name: "logits", axis: 1, framesPerPulse: 2, delay: 3, warmUp: 0 }],
      1e-4,
    );
    state.reset();
    let worst = 0;
    for (let at = 0; at < 8; at++) {
      worst = Math.max(worst, wrong.compare(state.run((await feed.pulse(at)) ?? {}), at) ?? 0);
    }
    expect(worst).toBeGreaterThan(1e-3);
  })();
});

test("each output is moved back by its own delay", async () => {
  const heads = await tract.load(await twoHeads);
  const next = random(6);
  const x = tensor(Float32Array.from({ length: 2 * 40 }, next), [1, 2, 40]);
  const reference = new Map(Object.entries(heads.prepare().run({ x })));
  const pulsed = heads.pulse("S", 4);
  const delays = [pulsed.properties["pulse.delay"]].flat(2).map(Number);
  expect(delays).toEqual([3, 0]);
  const ports = ["slow", "fast"].map((name, at) => ({
    name,
    axis: 2,
    framesPerPulse: Number(pulsed.outputs[at]?.shape[2]),
    ...outputTiming(undefined, { name, at }, delays),
  }));
  const feed = cut("noise", new Map([["x", x]]), { frames: 4, inputs: [{ name: "x", axis: 2 }] });
  const errorOf = async (outputs: typeof ports) => {
    const expected = expectStreamed(reference, outputs, 1e-4);
    const state = pulsed.prepare().spawnState();
    let [worst, compared] = [0, 0];
    for (let at = 0; at < feed.pulses; at++) {
      const error = expected.compare(state.run((await feed.pulse(at)) ?? {}), at);
      worst = Math.max(worst, error ?? 0);
      if (error !== undefined && expected.canCompare(at + 1)) compared++;
    }
    return { worst, compared };
  };
  const own = await errorOf(ports);
  expect(own.worst).toBeLessThan(1e-5);
  expect(own.compared).toBe(10);
  const ofFirst = await errorOf(ports.map((port) => ({ ...port, delay: 3 })));
  expect(ofFirst.worst).toBeGreaterThan(0.1);
});

test("frames past the end are zeros, columns are means", () => {
  const given = tensor(Float32Array.of(1, 2, 3, 4, 5, 6), [1, 3, 2]);
  expect([...frames(given, 1, 2, 2).data]).toEqual([5, 6, 0, 0]);
  expect(columns(given, 1, 1).map(([mean]) => mean)).toEqual([1.5, 3.5, 5.5]);
  expect(largestDifference(given, given)).toBe(0);
  const broken = tensor(Float32Array.of(1, 2, 3, 4, 5, Number.NaN), [1, 3, 2]);
  expect(largestDifference(given, broken)).toBe(Number.POSITIVE_INFINITY);
});

test("a dimension is worth what tract says it is", () => {
  const sizes = new Map([
    ["S", 10],
    ["B", 2],
  ]);
  const cases: [string, number | undefined][] = [
    ["7", 7],
    ["S", 10],
    ["-3+(S+3)/4", 0],
    ["2*B*(S-1)/4", 9],
    ["(-1+S)/2+B", 6],
    ["T", undefined],
    ["S+", undefined],
    ["max(S,1)", undefined],
  ];
  for (const [text, value] of cases) expect([text, evaluate(text, sizes)]).toEqual([text, value]);
});

test("facts are known inside a scan's body and inside fragments", async () => {
  const plain = await viewOf(await Archive.open(await smallDeepSpeech()), "whole");
  const view = withEngine(plain, model.graph().nodes);
  expect(factsInside(view, "step", "h")).toEqual(["1,1,4,f32"]);
  expect(factsInside(view, "step", "x_i")).toEqual(["1,1,4,f32"]);
  const body = view.scopes.fragment("step")?.nodes.flatMap(({ outputs }) => outputs) ?? [];
  const unknown = body.filter((wire) => factsInside(view, "step", wire).length === 0);
  // What is nested in an expression is known only where the engine made one node of each.
  expect(unknown.filter((wire) => !wire.includes("·"))).toEqual([]);
});

test("a fragment's results are known inside it, and what a scan in it runs", async () => {
  const text = `version 1.0;
extension tract_registry tract_core;
extension tract_symbol S;
fragment step(x: tensor<scalar>, before: tensor<scalar>) -> (after: tensor<scalar>)
{
  after = tanh(x + before);
}
fragment layer(given: tensor<scalar>, zero: tensor<scalar>) -> (all: tensor<scalar>, last: tensor<scalar>)
{
  (all, last) = tract_core_scan(body = "step", scan = [("x", given, 0, 1)], full = [],
    state = [("before", zero, "after")], output = [("after", "full", 0, 1), ("after", "last", 0, 1)], skip = 0);
}
graph g(x) -> (y)
{
  x = tract_core_external(shape = [S, 4], datum_type = 'f32');
  (y, last) = layer(x, [[0.0, 0.0, 0.0, 0.0]]);
}`;
  const bytes = tar({ "graph.nnef": text });
  const plain = await viewOf(await Archive.open(bytes), "layer");
  const view = withEngine(plain, (await tract.load(await gzip(bytes))).graph().nodes);
  expect(factsInside(view, "layer", "all")).toEqual(["S,4,f32"]);
  expect(factsInside(view, "step", "after")).toEqual(["1,4,f32"]);
});
