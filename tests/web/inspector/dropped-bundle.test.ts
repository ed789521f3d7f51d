import { expect, it } from "vitest";
import { openFiles, readReference } from "../../../web/src/inspector/workspace/subject.js";

const port = (name: string) => ({ name, fact: "T,4,f32" });
const archive = Uint8Array.of(0x1f, 0x8b, 1, 2);
const manifest = {
  schema: 1,
  id: "own",
  title: "A model of one's own",
  source: { model: "none", weights: "none" },
  licence: { name: "MIT" },
  engine: { made: "0.23.9", oldest: "0.23.9" },
  symbols: ["T"],
  asserts: [],
  modes: {},
  inputs: [port("x")],
  outputs: [port("y")],
  pulses: [],
  verified: [
    {
      claim: "whole",
      file: "model.nnef.tgz",
      against: "nothing",
      sizes: [{ T: 1 }],
      tolerance: 0.5,
      largestError: 0,
      comparedLength: 1,
      again: false,
    },
  ],
  files: [
    { path: "model.nnef.tgz", size: 4, sha256: "0".repeat(64) },
    { path: "reference.safetensors", size: 1, sha256: "0".repeat(64) },
  ],
};
const files = (text: string) => [
  new File([archive], "model.nnef.tgz"),
  new File(["r"], "reference.safetensors"),
  new File([text], "manifest.json"),
];

it("a dropped folder is the bundle its manifest describes, reference included", async () => {
  const subject = await openFiles(files(JSON.stringify(manifest)));
  expect(subject.title).toBe("A model of one's own");
  expect(subject.archives).toEqual(["model.nnef.tgz"]);
  expect(subject.bundle?.manifest.verified[0]?.tolerance).toBe(0.5);
  expect(await subject.bundle?.file("model.nnef.tgz")).toEqual(archive);
  expect(await readReference(subject)).toEqual(new TextEncoder().encode("r"));
  await expect(subject.bundle?.file("other")).rejects.toMatchObject({ code: "source" });
});

it("a dropped manifest that is invalid is an error that names the field", async () => {
  const broken = { ...manifest, symbols: "T" };
  await expect(openFiles(files(JSON.stringify(broken)))).rejects.toMatchObject({
    code: "manifest-invalid",
    field: "symbols",
  });
});
