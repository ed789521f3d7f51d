import { loadTract, type Tensor, tensor } from "tract-wasm";
import { expect, test } from "vitest";
import { Archive } from "../../../web/src/formats/archive.js";
import type { Written } from "../../../web/src/inspector/compare/pulsed-forms.js";
import { expectedOfPulsed } from "../../../web/src/inspector/run/reference/expected-wires.js";
import {
  type ExpectedWire,
  ReferenceCheck,
} from "../../../web/src/inspector/run/reference/reference-check.js";
import { cut } from "../../../web/src/inspector/run/values/run-feed.js";
import { frames } from "../../../web/src/inspector/run/values/tensor-frames.js";
import { outputsByNode } from "../../../web/src/inspector/run/values/wire-outputs.js";
import type { EngineLink } from "../../../web/src/inspector/workspace/engine-link.js";
import { viewOf, withEngine } from "../../../web/src/model/view.js";
import { random } from "../random.js";
import { smallDeepSpeech } from "./deepspeech.js";

const noise = (shape: readonly number[], seed: number): Tensor => {
  const next = random(seed);
  const count = shape.reduce((product, dim) => product * dim, 1);
  return tensor(
    Float32Array.from({ length: count }, () => next() * 2 - 1),
    [...shape],
  );
};

const right = (whole: Tensor, over: Partial<ExpectedWire> = {}): ExpectedWire => ({
  whole,
  axis: 1,
  batch: 1,
  maxDelay: 20,
  warmUp: 0,
  tolerance: 1e-4,
  ...over,
});

/** `whole` in pulses of `size` frames, `delay` frames late, with something else before them. */
function pulses(whole: Tensor, axis: number, size: number, delay: number): Tensor[] {
  const length = whole.shape[axis] ?? 0;
  const junk = noise(
    whole.shape.map((dim, at) => (at === axis ? delay : dim)),
    99,
  );
  return Array.from({ length: Math.floor(length / size) }, (_, at) => {
    const [from, own] = [at * size - delay, Math.max(0, delay - at * size)];
    const count = Math.min(size, own);
    const late = frames(whole, axis, Math.max(0, from), size - count);
    const early = frames(junk, axis, at * size, count);
    return joined(early, late, axis);
  });
}

function joined(a: Tensor, b: Tensor, axis: number): Tensor {
  const shape = a.shape.with(axis, (a.shape[axis] ?? 0) + (b.shape[axis] ?? 0));
  const inner = shape.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const outer = shape.slice(0, axis).reduce((product, dim) => product * dim, 1);
  const [long, short] = [(a.shape[axis] ?? 0) * inner, (b.shape[axis] ?? 0) * inner];
  const data = Float32Array.from(
    Array.from({ length: outer }, (_, at) => [
      ...(a.data as Float32Array).subarray(at * long, (at + 1) * long),
      ...(b.data as Float32Array).subarray(at * short, (at + 1) * short),
    ]).flat(),
  );
  return tensor(data, [...shape]);
}

test("a wire is held by the one delay that fits, whatever it is", () => {
  for (const size of [1, 3, 8]) {
    for (const delay of [0, 1, 7, 16]) {
      const whole = noise([2, 48, 3], 5);
      const check = new ReferenceCheck("", 1e-4, new Map([["w", right(whole)]]));
      for (const pulse of pulses(whole, 1, size, delay)) check.take("w", pulse);
      expect([size, delay, check.of("w")?.state]).toEqual([size, delay, "equal"]);
      expect([size, check.of("w")?.delay]).toEqual([size, delay]);
    }
  }
});

test("one wrong value, once the delay is known, and the wire has left", () => {
  const whole = noise([1, 48, 3], 5);
  const streamed = pulses(whole, 1, 8, 3);
  const check = new ReferenceCheck("", 1e-4, new Map([["w", right(whole)]]));
  streamed.forEach((pulse, at) => {
    const given = at === 4 ? { ...pulse, data: pulse.data.slice() } : pulse;
    if (at === 4) given.data[20] = (given.data[20] as number) + 0.01;
    check.take("w", given as Tensor);
    expect([at, check.differing]).toEqual([at, at < 4 ? [] : ["w"]]);
  });
});

test("a wire that no delay fits differs; nothing that is not finite fits", () => {
  const whole = noise([1, 64, 2], 5);
  const other = noise([1, 64, 2], 6);
  const check = new ReferenceCheck("", 1e-4, new Map([["w", right(whole, { maxDelay: 9 })]]));
  for (const pulse of pulses(other, 1, 8, 0)) check.take("w", pulse);
  expect(check.differing).toEqual(["w"]);

  const broken = new ReferenceCheck("", 1e-4, new Map([["w", right(whole)]]));
  const [first, second] = pulses(whole, 1, 8, 0);
  if (!first || !second) throw new Error("no pulses");
  broken.take("w", first);
  broken.take("w", { ...second, data: new Float32Array(16).fill(Number.NaN) } as Tensor);
  expect(broken.differing).toEqual(["w"]);
});

test("a batch folded into the axis of time is read either way", () => {
  const whole = noise([2, 40, 3], 8);
  // [batch, time] as one axis: the batch outside.
  const folded = { ...whole, shape: [80, 3] } as Tensor;
  const check = new ReferenceCheck(
    "",
    1e-4,
    new Map([["w", right(folded, { axis: 0, batch: 2 })]]),
  );
  for (const pulse of pulses(whole, 1, 8, 3)) {
    check.take("w", { ...pulse, shape: [16, 3] } as Tensor);
  }
  expect(check.of("w")).toMatchObject({ state: "equal", delay: 3 });
  // [time, batch] as one axis: the batch inside.
  const inside = noise([40, 2, 3], 9);
  const other = { ...inside, shape: [80, 3] } as Tensor;
  const held = new ReferenceCheck("", 1e-4, new Map([["w", right(other, { axis: 0, batch: 2 })]]));
  for (const pulse of pulses(inside, 0, 8, 3)) {
    held.take("w", { ...pulse, shape: [16, 3] } as Tensor);
  }
  expect(held.of("w")).toMatchObject({ state: "equal", delay: 3 });
});

test("a copy goes on by itself; a reset begins anew", () => {
  const whole = noise([1, 48, 3], 5);
  const [first, second, third] = pulses(whole, 1, 8, 3);
  if (!first || !second || !third) throw new Error("no pulses");
  const check = new ReferenceCheck("", 1e-4, new Map([["w", right(whole)]]));
  check.take("w", first);
  const copy = check.copy();
  check.take("w", third);
  expect(check.differing).toEqual(["w"]);
  copy.take("w", second);
  copy.take("w", third);
  expect(copy.differing).toEqual([]);
  check.reset();
  check.take("w", first);
  expect(check.differing).toEqual([]);
});

test("every wire of pulsed DeepSpeech that the whole model has equals it; one that is changed does not", async () => {
  const tract = await loadTract();
  // The same calls, but for their promises.
  const link = tract as unknown as EngineLink;
  const model = await tract.load(await smallDeepSpeech());
  const write = async (of: typeof model): Promise<Written> => {
    const bytes = await of.toNnef();
    const view = await viewOf(await Archive.open(bytes), "written");
    return { bytes, view: withEngine(view, (await tract.load(bytes)).graph().nodes) };
  };
  const pulsed = model.pulse("S", 8);
  const [before, after] = [await write(model), await write(pulsed)];
  const melbank = noise([1, 64, 6], 4);
  const feed = cut("noise", new Map([["melbank", melbank]]), {
    frames: 8,
    inputs: [{ name: "melbank", axis: 1 }],
  });
  const axisOf = (wire: string) => {
    const [was, is] = [before.view.facts.get(wire), after.view.facts.get(wire)].map(
      (fact) => fact?.split(",") ?? [],
    );
    return (was ?? []).findIndex((dim, at) => dim.includes("S") && dim !== is?.[at]);
  };
  const expectedWires = await expectedOfPulsed(
    {
      before,
      pulsed: after.view,
      axisOf,
      cut: { symbol: "S", pulse: 8, outputs: [{ framesPerPulse: 2, delay: 3, warmUp: 0 }] },
    },
    feed.whole(256),
    link,
    1e-4,
  );
  const check = new ReferenceCheck("", 1e-4, expectedWires);
  const wrong = new ReferenceCheck("", 1e-4, expectedWires);
  const again = await tract.load(after.bytes);
  const state = again.prepare({ optimize: false }).spawnState();
  const made = outputsByNode(after.view.scopes.graph, again.graph().nodes);
  for (let at = 0; at < feed.pulses; at++) {
    const inputs = await feed.pulse(at);
    if (!inputs) break;
    for (const node of state.trace(inputs).nodes) {
      for (const { wire, slot } of made.get(node.name) ?? []) {
        const value = node.outputs[slot];
        if (!value) continue;
        check.take(wire, value);
        const off = at === 5 && wire === "hidden" ? 0.01 : 0;
        const data = Float32Array.from(value.data as Float32Array, (x) => Number(x) + off);
        wrong.take(wire, { ...value, data } as Tensor);
      }
    }
  }
  expect(check.differing).toEqual([]);
  expect(check.compared).toBeGreaterThan(15);
  expect([...expectedWires.keys()]).toContain("logits");
  expect(wrong.differing).toEqual(["hidden"]);
});
