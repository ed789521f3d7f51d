/** A segment of speech, in seconds. */
export interface Times {
  readonly start: number;
  readonly end: number;
}

/** A table with a header line: start, end and length in seconds. */
export function toCsv(segments: readonly Times[]): string {
  const lines = segments.map(({ start, end }) =>
    [start, end, end - start].map((seconds) => seconds.toFixed(3)).join(","),
  );
  return ["start,end,length", ...lines, ""].join("\r\n");
}

/** SubRip subtitles, one numbered caption per segment. */
export function toSrt(segments: readonly Times[]): string {
  return segments
    .map(({ start, end }, index) => `${index + 1}\n${clock(start)} --> ${clock(end)}\nspeech\n`)
    .join("\n");
}

/** A label track as Audacity imports it: start, end and label, separated by tabs. */
export function toAudacityLabels(segments: readonly Times[]): string {
  return segments
    .map(({ start, end }) => `${start.toFixed(6)}\t${end.toFixed(6)}\tspeech\n`)
    .join("");
}

/** `01:02:03,456` */
function clock(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  const part = (unit: number, size: number, digits = 2) =>
    String(Math.floor(milliseconds / unit) % size).padStart(digits, "0");
  const hours = String(Math.floor(milliseconds / 3_600_000)).padStart(2, "0");
  return `${hours}:${part(60_000, 60)}:${part(1000, 60)},${part(1, 1000, 3)}`;
}
