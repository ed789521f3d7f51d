import { InspectError } from "../base/inspect-error.js";
import type { ReadLimits } from "../base/limits.js";

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * Decompresses gzip data; stops at the limit.
 *
 * @throws InspectError `archive-damaged`, `limit`
 */
export async function gunzip(bytes: Uint8Array, limits: ReadLimits): Promise<Uint8Array> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = source.pipeThrough(new DecompressionStream("gzip")).getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.byteLength;
      if (size > limits.unpackedBytes) {
        throw new InspectError(
          `the archive exceeds the limit after decompression: ${limits.unpackedBytes} bytes`,
          "limit",
        );
      }
      parts.push(value);
    }
  } catch (error) {
    if (error instanceof InspectError) throw error;
    throw new InspectError("the archive's gzip data is damaged or truncated", "archive-damaged", {
      cause: error,
    });
  } finally {
    reader.cancel().catch(() => {});
  }
  return joined(parts, size);
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
