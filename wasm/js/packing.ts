import { suggestion } from "./checks/options.js";
import { InputError } from "./errors.js";
import type { Instance } from "./instance.js";
import {
  checkTensor,
  DTYPE_BY_CODE,
  DTYPES,
  type Dtype,
  type Tensor,
  type TensorData,
} from "./tensor.js";
import type { Fact, Tensors } from "./types.js";

// The layout is described in src/tensors.rs.

const HEAD = 8;

function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}

function packedBytes(tensor: Tensor): number {
  return padded(8 + 4 * tensor.shape.length) + padded(tensor.data.byteLength);
}

/** The tensors in the order of the model's inputs, each checked. */
export function inOrder(inputs: Tensors, facts: readonly Fact[]): Tensor[] {
  let given = 0;
  for (const _ in inputs) given++;
  const ordered = facts.map(({ name, fact }) => {
    const tensor = inputs[name];
    if (tensor === undefined) throw misnamed(`input ${name} is missing: ${fact}`, inputs, facts);
    checkTensor(tensor, name);
    return tensor;
  });
  if (given !== facts.length) throw misnamed("too many inputs", inputs, facts);
  return ordered;
}

function misnamed(what: string, inputs: Tensors, facts: readonly Fact[]): InputError {
  const names = facts.map((fact) => fact.name);
  const unknown = Object.keys(inputs).filter((name) => !names.includes(name));
  const each = unknown.map((name) => `${name}${suggestion(name, names)}`);
  const given = each.length > 0 ? `; unknown: ${each.join(", ")}` : "";
  return new InputError(`${what}${given}; the model's inputs are ${names.join(", ")}`);
}

/** Writes a list of tensors into the exchange buffer, after `words`. */
export function pack(
  instance: Instance,
  tensors: readonly Tensor[],
  words: readonly number[] = [],
): void {
  let size = padded(words.length * 4) + HEAD;
  for (const tensor of tensors) size += packedBytes(tensor);
  const start = instance.exchange(size);
  const { buffer } = instance;
  const numbers = new Uint32Array(buffer);
  let at = start >>> 2;
  for (const word of words) numbers[at++] = word;
  at += at & 1;
  numbers[at++] = tensors.length;
  numbers[at++] = 0;
  for (const { dtype, shape, data } of tensors) {
    numbers[at++] = DTYPES[dtype].code;
    numbers[at++] = shape.length;
    for (const dim of shape) numbers[at++] = dim;
    at += at & 1;
    const { array } = DTYPES[dtype];
    const place = new (array as ViewConstructor)(buffer, at * 4, data.length);
    (place as Float32Array).set(data as Float32Array);
    at += padded(data.byteLength) >>> 2;
  }
}

type ViewConstructor = new (buffer: ArrayBuffer, offset: number, length: number) => TensorData;

/** Reads a reply from its start. */
export class ReplyReader {
  readonly #buffer: ArrayBuffer;
  readonly #words: Uint32Array;
  #at: number;

  constructor(instance: Instance) {
    this.#buffer = instance.buffer;
    this.#words = new Uint32Array(this.#buffer);
    this.#at = instance.replyAt >>> 2;
  }

  u32(): number {
    return this.#words[this.#at++] as number;
  }

  f64s(count: number): Float64Array {
    this.#align();
    const values = new Float64Array(this.#buffer, this.#at * 4, count).slice();
    this.#at += count * 2;
    return values;
  }

  tensor(): Tensor {
    const dtype = DTYPE_BY_CODE[this.u32()] as Dtype;
    const rank = this.u32();
    const shape: number[] = [];
    let length = 1;
    for (let axis = 0; axis < rank; axis++) {
      const dim = this.u32();
      shape.push(dim);
      length *= dim;
    }
    this.#align();
    const { array } = DTYPES[dtype];
    const data = new (array as ViewConstructor)(this.#buffer, this.#at * 4, length).slice();
    this.#at += padded(data.byteLength) >>> 2;
    return { data, shape, dtype };
  }

  tensors(): Tensor[] {
    const count = this.u32();
    this.u32();
    const tensors: Tensor[] = [];
    for (let ix = 0; ix < count; ix++) tensors.push(this.tensor());
    return tensors;
  }

  /** Outputs by name. */
  named(facts: readonly Fact[]): Tensors {
    const tensors = this.tensors();
    const named: Tensors = {};
    facts.forEach(({ name }, ix) => {
      named[name] = tensors[ix] as Tensor;
    });
    return named;
  }

  #align(): void {
    this.#at += this.#at & 1;
  }
}
