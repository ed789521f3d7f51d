import { writeWav } from "nnef-pulse/wav";
import type { Clip } from "./player.js";

export function wavOf({ samples, sampleRate }: Clip): Blob {
  return new Blob([writeWav(samples, sampleRate)], { type: "audio/wav" });
}

/** Downloads `blob` as a file called `name`. */
export function saveBlob(blob: Blob, name: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads the blob after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
