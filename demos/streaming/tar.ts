const BLOCK = 512;
const GRAPH = "graph.nnef";

/** A file of a tar: offset of its header, and size of its content. */
interface Entry {
  readonly at: number;
  readonly name: string;
  readonly size: number;
}

/**
 * A `.nnef.tgz` with its graph.nnef changed, as a `.nnef.tar` (POSIX ustar).
 *
 * @throws Error if the archive has no graph.nnef
 */
export async function withGraph(
  archive: Uint8Array,
  change: (text: string) => string,
): Promise<Uint8Array> {
  const stream = new Blob([archive as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream("gzip"));
  const tar = new Uint8Array(await new Response(stream).arrayBuffer());
  const entry = entries(tar).find(({ name }) => name === GRAPH || name.endsWith(`/${GRAPH}`));
  if (!entry) throw new Error("the archive has no graph.nnef");
  const begin = entry.at + BLOCK;
  const text = new TextDecoder().decode(tar.subarray(begin, begin + entry.size));
  const content = new TextEncoder().encode(change(text));
  const header = tar.slice(entry.at, begin);
  resize(header, content.length);
  const body = new Uint8Array(padded(content.length));
  body.set(content);
  const rest = tar.subarray(begin + padded(entry.size));
  return joined([tar.subarray(0, entry.at), header, body, rest]);
}

/** A `.nnef.tar` (POSIX ustar) with nothing but a graph.nnef. */
export function archiveOf(text: string): Uint8Array {
  const content = new TextEncoder().encode(text);
  const header = new Uint8Array(BLOCK);
  write(header, GRAPH, 0);
  write(header, "0000644\0", 100);
  write(header, "0".repeat(11), 136);
  write(header, "0", 156);
  write(header, "ustar\x0000", 257);
  resize(header, content.length);
  const body = new Uint8Array(padded(content.length));
  body.set(content);
  // Two empty blocks end a tar.
  return joined([header, body, new Uint8Array(2 * BLOCK)]);
}

function entries(tar: Uint8Array): Entry[] {
  const found: Entry[] = [];
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(ascii(tar.subarray(at + 124, at + 136)), 8);
    found.push({ at, name: ascii(tar.subarray(at, at + 100)), size });
    at += BLOCK + padded(size);
  }
  return found;
}

/** Writes the size and the checksum of a header. The checksum counts its own field as spaces. */
function resize(header: Uint8Array, size: number) {
  write(header, `${size.toString(8).padStart(11, "0")}\0`, 124);
  write(header, " ".repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  write(header, `${sum.toString(8).padStart(6, "0")}\0 `, 148);
}

const write = (header: Uint8Array, text: string, at: number) =>
  header.set(new TextEncoder().encode(text), at);

const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

const ascii = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).replace(/\0.*$/s, "");

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
