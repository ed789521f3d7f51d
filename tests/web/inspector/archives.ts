/** Archives made in memory, so that tests need no file. */

const encoder = new TextEncoder();

/** Writes a ustar of the given files. */
export function tar(files: Readonly<Record<string, Uint8Array | string>>): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const [name, content] of Object.entries(files)) {
    const body = typeof content === "string" ? encoder.encode(content) : content;
    const head = new Uint8Array(512);
    head.set(encoder.encode(name).subarray(0, 100));
    head.set(encoder.encode("0000644\0"), 100);
    head.set(encoder.encode(`${body.length.toString(8).padStart(11, "0")}\0`), 124);
    head.set(encoder.encode("        "), 148);
    head[156] = 48;
    head.set(encoder.encode("ustar\x0000"), 257);
    const sum = head.reduce((total, byte) => total + byte, 0);
    head.set(encoder.encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
    const padded = new Uint8Array(Math.ceil(body.length / 512) * 512);
    padded.set(body);
    blocks.push(head, padded);
  }
  blocks.push(new Uint8Array(1024));
  return joined(blocks);
}

export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export interface DatOptions {
  readonly shape: readonly number[];
  readonly bits: number;
  readonly type: number;
  readonly vendor?: number;
  readonly items: Uint8Array;
  /** What the header claims, when not the items' own length. */
  readonly claims?: number;
}

/** Writes a tensor file as NNEF 1.0, section 5.2 lays it out. */
export function dat({ shape, bits, type, vendor = 0, items, claims }: DatOptions): Uint8Array {
  const head = new Uint8Array(128);
  const view = new DataView(head.buffer);
  head.set([0x4e, 0xef, 1, 0]);
  view.setUint32(4, claims ?? items.length, true);
  view.setUint32(8, shape.length, true);
  shape.forEach((dim, axis) => {
    view.setUint32(12 + 4 * axis, dim, true);
  });
  view.setUint32(44, bits, true);
  view.setUint16(48, type, true);
  view.setUint16(50, vendor, true);
  return joined([head, items]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A model with what makes NNEF texts hard: comments, escaped names, fragments, a scan, tuples. */
export const TEXT = `version 1.0;

extension tract_registry tract_core;
extension tract_symbol S;
extension tract_assert S >= 1; # and what follows a comment

fragment step(x: tensor<scalar>, h_prev: tensor<scalar>, W: tensor<scalar>) -> (h: tensor<scalar>)
{
  h = tanh(x + matmul(h_prev, W, transposeB = true));
}
fragment declared<? = scalar>(x: tensor<?>, n: integer[] = [1, -2]) -> (y: tensor<?>[]);
fragment recurrent(x: tensor<scalar>, h_0: tensor<scalar>, W: tensor<scalar>) -> (y: tensor<scalar>)
{
  y = tract_core_scan(body = "step", scan = [("x", x, 0, 1)], full = [("W", W)],
    state = [("h_prev", h_0, "h")], output = [("h", "full", 0, 1)], skip = 0);
}
fragment tract_core_properties() -> (properties: (string, tensor<scalar>)[])
{
  properties = [("pulse.delay", tract_core_cast([3], to = "i64")), ("name", 'it')];
}

graph network(input) -> (output)
{
  input = tract_core_external(shape = [1, S, 4], datum_type = 'f32');
  w = variable<scalar>(label = "conv/w", shape = [8, 4, 3]);
  b = variable<scalar>(label = "conv/b", shape = [8]);
  i"odd name" = transpose(input, axes = [0, 2, 1]);
  conv1 = conv(i"odd name", w, b, stride = [2], padding = [(0, 0)]);
  relu1 = relu(conv1);
  same = relu1;
  kept = tract_pulse_delay(same, axis = 2, delay = 1, overlap = 4);
  r = variable<scalar>(label = "r", shape = [8, 8]);
  h = recurrent(kept, [[[0.0]]], r);
  scaled = -h * 2.5e-3 + (h - 1.0) ^ 2;
  left, right = split(scaled, axis = 1, ratios = [1, 1]);
  joined = concat([left, right], axis = 1);
  output = tract_core_log_softmax(joined, 2);
}
`;
