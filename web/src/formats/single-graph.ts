/** The name of an archive's text. */
export const GRAPH = "graph.nnef";

const BLOCK = 512;
const CHECKSUM = { at: 148, length: 8 };
const encoder = new TextEncoder();

/** Whether these are the bytes of a graph.nnef on its own: it begins with `version` after blanks and comments. */
export function isAlone(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 4096));
  return /^(?:\s|#[^\n]*\n)*version\s/.test(start);
}

/** The tar (POSIX ustar) that holds a graph.nnef and nothing else: the engine takes only archives. */
export function archived(graph: Uint8Array): Uint8Array {
  const blocks = Math.ceil(graph.length / BLOCK) + 3; // its header, and two of zeros at the end
  const tar = new Uint8Array(blocks * BLOCK);
  const write = (text: string, at: number) => tar.set(encoder.encode(text), at);
  write(GRAPH, 0);
  write("0000644\0", 100);
  write(`${graph.length.toString(8).padStart(11, "0")}\0`, 124);
  write(" ".repeat(CHECKSUM.length), CHECKSUM.at);
  write("0", 156);
  write("ustar\x0000", 257);
  const sum = tar.subarray(0, BLOCK).reduce((total, byte) => total + byte, 0);
  write(`${sum.toString(8).padStart(6, "0")}\0 `, CHECKSUM.at);
  tar.set(graph, BLOCK);
  return tar;
}
