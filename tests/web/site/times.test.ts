import { expect, test } from "vitest";
import { toAudacityLabels, toCsv, toSrt } from "../../../web/site/live/view/times.js";

const segments = [
  { start: 0.5, end: 2.25 },
  { start: 3723.4567, end: 3724 },
];

test("times as a table, subtitles and labels", () => {
  expect(toCsv(segments)).toBe(
    "start,end,length\r\n0.500,2.250,1.750\r\n3723.457,3724.000,0.543\r\n",
  );
  expect(toSrt(segments)).toBe(
    "1\n00:00:00,500 --> 00:00:02,250\nspeech\n\n2\n01:02:03,457 --> 01:02:04,000\nspeech\n",
  );
  expect(toAudacityLabels(segments)).toBe(
    "0.500000\t2.250000\tspeech\n3723.456700\t3724.000000\tspeech\n",
  );
});

test("a time is never rounded into a part that does not exist", () => {
  expect(toSrt([{ start: 59.9996, end: 3599.9999 }])).toContain("00:01:00,000 --> 01:00:00,000");
});
