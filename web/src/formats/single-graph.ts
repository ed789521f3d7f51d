/** File name of the text in an archive. */
export const GRAPH = "graph.nnef";

const BLOCK = 512;
const CHECKSUM = { at: 148, length: 8 };
const encoder = new TextEncoder();

/** Whether the bytes are a graph.nnef alone: it starts with `version`, after whitespace and comments. */
export function isSingleGraph(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 4096));
  return /^(?:\s|#[^\n]*\n)*version\s/.test(start);
}

/** A tar (POSIX ustar) with only a graph.nnef: the engine loads archives only. */
export function tarOf(graph: Uint8Array): Uint8Array {
  const blocks = Math.ceil(graph.length / BLOCK) + 3; // one for the header, two zero blocks at the end
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
