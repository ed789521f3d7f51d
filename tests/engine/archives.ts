// Small NNEF archives, made here so that a test shows all it depends on.

import { gzipSync } from "node:zlib";

const BLOCK = 512;

/** A tar of `files`, in order. */
export function tar(files: Record<string, string | Uint8Array>): Uint8Array {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const body = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK);
    body.set(bytes);
    return [tarHeader(name, bytes.length), body];
  });
  return joined([...blocks, new Uint8Array(2 * BLOCK)]);
}

function tarHeader(name: string, size: number): Uint8Array {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write("0000644\0", 100);
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\u000000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** An NNEF tensor file of float32 values. */
export function dat(shape: readonly number[], values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(128 + 4 * values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x4e, 0xef, 1, 0]);
  view.setUint32(4, 4 * values.length, true);
  view.setUint32(8, shape.length, true);
  shape.forEach((dim, axis) => {
    view.setUint32(12 + 4 * axis, dim, true);
  });
  view.setUint32(44, 32, true);
  values.forEach((value, ix) => {
    view.setFloat32(128 + 4 * ix, value, true);
  });
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export interface Graph {
  extensions?: readonly string[];
  fragments?: readonly string[];
  inputs: Record<string, string>;
  body: string;
  outputs: readonly string[];
  properties?: string;
}

/** The text of a graph; `inputs` maps names to facts such as `1,S,4,f32`. */
export function graphText({
  extensions = [],
  fragments = [],
  inputs,
  body,
  outputs,
  properties,
}: Graph): string {
  const externals = Object.entries(inputs).map(([name, fact]) => {
    const parts = fact.split(",");
    const dtype = parts.pop();
    return `  ${name} = tract_core_external(shape = [${parts.join(", ")}], datum_type = "${dtype}");`;
  });
  const declared = ["tract_registry tract_core", ...extensions];
  const propertiesFragment = properties
    ? `fragment tract_core_properties() -> (properties: (string, tensor<scalar>)[])
{ properties = ${properties}; }\n`
    : "";
  return `version 1.0;
${declared.map((line) => `extension ${line};`).join("\n")}
${propertiesFragment}${fragments.join("")}graph test(${Object.keys(inputs).join(", ")}) -> (${outputs.join(", ")})
{
${externals.join("\n")}
${body}
}
`;
}

/** A whole archive, as a tar. */
export function archive(graph: Graph, tensors: Record<string, Uint8Array> = {}): Uint8Array {
  return tar({ "graph.nnef": graphText(graph), ...tensors });
}

export function gzipped(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(bytes));
}

/** y = 2x + 1 on S frames of 4. */
export const doubling = archive({
  extensions: ["tract_symbol S"],
  inputs: { x: "1,S,4,f32" },
  body: "  y = 2.0 * x + 1.0;",
  outputs: ["y"],
});

/** Each output frame is the sum of three input frames: streams along S, two frames behind. */
export const moving = archive(
  {
    extensions: ["tract_symbol S"],
    inputs: { x: "1,1,S,f32" },
    body: `  w = variable<scalar>(label = "w", shape = [1, 1, 3]);
  y = conv(x, w, 0.0, padding = [(0, 0)], stride = [1], dilation = [1], border = "constant", groups = 1);`,
    outputs: ["y"],
  },
  { "w.dat": dat([1, 1, 3], [1, 1, 1]) },
);

/** As `moving`, in steps of two. */
export const strided = archive(
  {
    extensions: ["tract_symbol S"],
    inputs: { x: "1,1,S,f32" },
    body: `  w = variable<scalar>(label = "w", shape = [1, 1, 3]);
  y = conv(x, w, 0.0, padding = [(0, 0)], stride = [2], dilation = [1], border = "constant", groups = 1);`,
    outputs: ["y"],
  },
  { "w.dat": dat([1, 1, 3], [1, 1, 1]) },
);

/** What a language model with a cache asks: S new tokens, P past ones. */
export const cached = archive({
  extensions: [
    "tract_symbol S",
    "tract_symbol P",
    "tract_assert S+P < 64",
    "tract_assert S >= 1",
    "tract_assert tg: S==1",
    "tract_assert pp: P==0",
  ],
  inputs: { past: "1,P,2,f32", now: "1,S,2,f32" },
  body: "  all = concat([past, now], axis = 1);",
  outputs: ["all"],
});
