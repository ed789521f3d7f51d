import { existsSync, readFileSync } from "node:fs";
import { loadTract, type Model } from "tract-wasm";
import { expect, test } from "vitest";
import { inRoot } from "../../../setup/paths.mjs";
import { Archive } from "../../../web/src/formats/archive.js";
import { diff } from "../../../web/src/inspector/compare/diff.js";
import { factsOfEngine } from "../../../web/src/model/facts.js";
import { type ModelView, viewOf } from "../../../web/src/model/view.js";

const file = inRoot("dist", "bundles", "marblenet-vad", "model.nnef.tgz");

test.skipIf(!existsSync(file))(
  "a model whose axes the engine orders anew when it is pulsed shows what pulsing did alone",
  { timeout: 60_000 },
  async () => {
    const tract = await loadTract();
    const written = async (of: Model): Promise<ModelView> => {
      const bytes = await of.toNnef();
      const view = await viewOf(await Archive.open(bytes), "written");
      const again = await tract.load(bytes);
      return { ...view, facts: factsOfEngine(view.scopes.graph, again.graph().nodes) };
    };
    const whole = await tract.load(readFileSync(file));
    const { changes } = diff(await written(whole), await written(whole.pulse("S", 640)));
    const of = (kind: string) => changes.filter((change) => change.kind === kind);
    expect(of("removed")).toEqual([]);
    expect(new Set(of("added").map(({ op }) => op))).toEqual(
      new Set(["tract_pulse_delay", "tract_pulse_pulse_pad"]),
    );
    // What a convolution padded, the stream pads before it.
    expect(new Set(of("attribute").map(({ what }) => what))).toEqual(new Set(["padding"]));
    for (const { before, after } of of("fact")) {
      expect(before).toMatch(/S/);
      expect(after).not.toMatch(/S/);
    }
  },
);
