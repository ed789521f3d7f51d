import { Strip, startShell } from "nnef-pulse/look";
import { fetchRecord, recordedTake } from "./recorded.js";
import { SegmentTable } from "./segments.js";

const byId = (id: string) => document.getElementById(id) as HTMLElement;
startShell();
const strip = new Strip(byId("strip"));
const table = new SegmentTable(byId("segments"), byId("none"), (p) => strip.play(p));
const record = await fetchRecord();
if (record) {
  const take = recordedTake(record);
  strip.show(take);
  table.show(
    record.segments.map(({ start, end }) => ({
      start: start / 16000,
      end: end / 16000,
      clip: async () => ({ samples: new Float32Array(1), sampleRate: 16000 }),
    })),
  );
}
