import { part } from "./page-elements.js";
import { saveBlob, wavOf } from "./save.js";
import type { Row } from "./segments.js";
import { type Times, toAudacityLabels, toCsv, toSrt } from "./times.js";

type Complete = Row & Times;

const isComplete = (row: Row): row is Complete => row.end !== undefined;

const files: Readonly<Record<string, (rows: readonly Complete[]) => Promise<Blob> | Blob>> = {
  "speech.csv": (rows) => new Blob([toCsv(rows)], { type: "text/csv" }),
  "speech.srt": (rows) => new Blob([toSrt(rows)], { type: "application/x-subrip" }),
  "speech-labels.txt": (rows) => new Blob([toAudacityLabels(rows)], { type: "text/plain" }),
  "speech.zip": zipOfSounds,
};

/** Wires the buttons that save all segments of the table. */
export class SaveAll {
  #rows: readonly Complete[] = [];

  constructor() {
    for (const button of part("save-all").querySelectorAll<HTMLButtonElement>("[data-file]")) {
      const name = button.dataset.file ?? "";
      button.addEventListener("click", async () => {
        button.disabled = true;
        try {
          const blob = await files[name]?.(this.#rows);
          if (blob) saveBlob(blob, name);
        } finally {
          button.disabled = false;
        }
      });
    }
  }

  /** @param rows of the table, in any order */
  set rows(rows: readonly Row[]) {
    this.#rows = rows.filter(isComplete).sort((a, b) => a.start - b.start);
    part("save-all").hidden = this.#rows.length === 0;
  }
}

async function zipOfSounds(rows: readonly Complete[]): Promise<Blob> {
  const { Zip, ZipPassThrough } = await import("fflate");
  const parts: BlobPart[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    parts.push(chunk as Uint8Array<ArrayBuffer>);
  });
  // Stored, not compressed: sound does not shrink, and one segment at a time is in memory.
  for (const { start, clip } of rows) {
    if (!clip) continue;
    const file = new ZipPassThrough(`speech-${start.toFixed(2)}s.wav`);
    zip.add(file);
    file.push(new Uint8Array(await wavOf(await clip()).arrayBuffer()), true);
  }
  zip.end();
  return new Blob(parts, { type: "application/zip" });
}
