// What a value is, whichever realm made it: an iframe, node:vm or Jest has classes of its own, for
// which `instanceof` is false.

/** The class of an object of the platform: "Blob", or "Uint8Array" for a Buffer. */
export function className(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** The bytes of an ArrayBuffer or of a view of one; undefined for anything else. */
export function bytesOf(source: unknown): Uint8Array | undefined {
  const name = className(source);
  if (name === "ArrayBuffer") return new Uint8Array(source as ArrayBuffer);
  // Streams and decoders refuse shared memory.
  if (name === "SharedArrayBuffer") return new Uint8Array(source as ArrayBuffer).slice();
  if (!ArrayBuffer.isView(source)) return undefined;
  const { buffer, byteOffset, byteLength } = source;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return className(buffer) === "ArrayBuffer" ? bytes : bytes.slice();
}

export function isBlob(source: unknown): source is Blob {
  return ["Blob", "File"].includes(className(source));
}

export function isResponse(source: unknown): source is Response {
  return className(source) === "Response";
}

export function isUrl(source: unknown): source is URL | string {
  return typeof source === "string" || className(source) === "URL";
}
