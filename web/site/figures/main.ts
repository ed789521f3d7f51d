import { startShell } from "nnef-pulse/look";
import measured from "./measured.json";
import { said, time, whatOf } from "./metrics.ts";
import { plot, ratioBar } from "./plots.ts";
import { beside, type Compared, type Report, type Row, readReport } from "./report.ts";

const host = document.querySelector("#report") as HTMLElement;
const machine = document.querySelector("#machine") as HTMLElement;
const trouble = document.querySelector("#trouble") as HTMLElement;
const file = document.querySelector("#file") as HTMLInputElement;

/** What of a machine says enough without its name. */
const MACHINE: Readonly<Record<string, (value: string | number) => string>> = {
  class: String,
  cpu: String,
  memoryGb: (value) => `${value} GB`,
};

startShell();
show(measured as Report);
document.querySelector("#open")?.addEventListener("click", () => file.click());
file.addEventListener("change", async () => {
  const [chosen] = file.files ?? [];
  if (!chosen) return;
  trouble.replaceChildren();
  try {
    show(readReport(await chosen.text()));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    trouble.replaceChildren(
      paragraph(`⚠ ${chosen.name} cannot be shown. ${error.message}`, "fault"),
    );
  }
  file.value = "";
});

function show({ machine: kind, skipped = [], results }: Report) {
  machine.textContent = Object.entries(kind)
    .map(([name, value]) => MACHINE[name]?.(value) ?? `${name} ${value}`)
    .join(" · ");
  host.replaceChildren(
    ...skipped.map(({ runner, reason }) =>
      paragraph(`Nothing was measured in ${runner}: ${reason}.`, "muted"),
    ),
    ...section(
      "Time per pulse or run",
      "Beside onnxruntime-web on the same weights. A stream's rival has no state between calls: it runs over a window of the past for each pulse. Steps follow each other, and the first four of an engine's turn are not timed; a ratio is that of turns next to each other, the median of all, as a machine may be twice as fast from one second to another. Where the browser's clock is too coarse for one pulse (Firefox, WebKitGTK), times and their p99 are of 64 at once, shared out. A p99 is what one reading in a hundred goes beyond; what a busy machine adds, it adds to both.",
      ratios(
        beside(results, "onnxruntime-web").filter(
          (row) => row.metric === "pulse_us" && !isSound(row),
        ),
      ),
    ),
    ...section(
      "From nothing to the first probability",
      "A page that listens with this library, and one with vad-web; and the engine by itself beside onnxruntime-web: an empty cache, gzip as any static host applies it.",
      ratios(beside(results).filter((row) => /^(cold|engine)-start/.test(row.case))),
    ),
    ...section(
      "While it listens",
      `Processor time of a page that listens, and of one with vad-web, as a share of one processor: on the page's own thread, and of its whole process, where worker and audio thread are. The legacy model is asked for every 96 ms, the others for every 32. ${session(results)}`,
      ratios(beside(results).filter((row) => row.case.startsWith("listening/"))),
    ),
    ...section(
      "Quiet sound is not slow",
      "Noise of every decade from 1 to 1e-40: products of tiny numbers are denormal, which made a pulse many times slower before they were kept out.",
      noise(results),
    ),
    ...section(
      "Many streams in one page",
      "Each state is a stream of its own over one prepared model.",
      streams(results),
    ),
    ...section(
      "Beside the machine itself",
      "Native tract on the same archive; and the multiply-adds a bare simd128 loop does in the same page, of which a pulse reaches a share.",
      ratios([...beside(results, "tract@"), ...beside(results, "simd128")]),
    ),
    everything(results),
  );
}

function isSound({ case: name }: Row): boolean {
  return name.startsWith("silero-vad/noise");
}

/** Of the live session: from the audio thread to the page, and the engine's part of it. */
function session(results: readonly Row[]): string {
  const of = (metric: string) =>
    results.find((row) => row.case === "microphone" && row.metric === metric);
  const [events, pulse] = [of("event_latency_ms"), of("pulse_us")];
  if (!events || !pulse) return "";
  return `A pulse's events reach the page in ${time(1000 * events.ours)}, all but one in a hundred within ${time(1000 * events.p99)}; the engine takes ${time(pulse.ours)} of that, more than above, as the processor slept before.`;
}

function section(title: string, words: string, picture: Element | undefined): Element[] {
  if (!picture) return [];
  const heading = document.createElement("h2");
  heading.textContent = title;
  return [heading, paragraph(words, "muted"), picture];
}

function paragraph(words: string, kind: string): HTMLElement {
  const element = document.createElement("p");
  element.className = kind;
  element.textContent = words;
  return element;
}

function ratios(rows: readonly Compared[]): Element | undefined {
  if (rows.length === 0) return undefined;
  const several = new Set(rows.map(({ peer }) => peer)).size > 1;
  const timed = rows.some(({ metric }) => metric === "pulse_us");
  return table(
    ["what", "where", "", "ratio", "ours", "theirs", ...(timed ? ["our p99", "their p99"] : [])],
    rows.map((row) => [
      several ? `${whatOf(row)}, beside ${withoutVersion(row.peer)}` : whatOf(row),
      row.runner,
      ratioBar(row),
      row.ratio.toFixed(row.ratio < 0.1 ? 3 : 2),
      said(row, row.ours),
      said(row, row.theirs),
      ...(timed ? late(row) : []),
    ]),
  );
}

/** `vad-web` of `@ricky0123/vad-web@0.0.31`: the whole name stands among all rows. */
function withoutVersion(peer: string): string {
  return peer.replace(/^@[^/]+\//, "").replace(/@[\d.]+/, "");
}

/** What one reading of the clock in a hundred goes beyond: ours, theirs. */
function late({ metric, p99, theirP99 }: Row): string[] {
  const shown = (us?: number) => (metric === "pulse_us" && us !== undefined ? time(us) : "");
  return [shown(p99), shown(theirP99)];
}

function noise(results: readonly Row[]): Element | undefined {
  const rows = results.filter((row) => isSound(row) && row.runner === "chromium");
  if (rows.length === 0) return undefined;
  const amplitude = ({ case: name }: Row) => Number(name.slice("silero-vad/noise-".length));
  // Drawn by decade: the least amplitudes are near the end of float32.
  const decade = (row: Row) => 1 - Math.round(Math.log10(amplitude(row)));
  const slowest = Math.max(...rows.map(({ ours }) => ours));
  const fastest = Math.min(...rows.map(({ ours }) => ours));
  return plot(
    [
      { name: "this engine", kind: "ours", points: rows.map((row) => [decade(row), row.ours]) },
      {
        name: "onnxruntime-web",
        kind: "theirs",
        points: rows.flatMap((row) => (row.theirs === null ? [] : [[decade(row), row.theirs]])),
      },
    ],
    {
      x: "amplitude of the noise",
      y: "µs per pulse",
      ticks: [1, 2, 4, 8, 16, 31],
      tick: (value) => (value === 1 ? "1" : `1e-${value - 1}`),
      logY: false,
    },
    `Between ${time(fastest)} and ${time(slowest)} per pulse at every amplitude.`,
  );
}

function streams(results: readonly Row[]): Element | undefined {
  const prefix = "silero-vad/streams-";
  const rows = results.filter((row) => row.case.startsWith(prefix) && row.runner === "chromium");
  const [first] = rows;
  const last = rows.at(-1);
  if (!first || !last) return undefined;
  const count = ({ case: name }: Row) => Number(name.slice(prefix.length));
  return plot(
    [
      {
        name: "in proportion",
        kind: "guide",
        points: rows.map((row) => [count(row), first.ours * count(row)]),
      },
      { name: "measured", kind: "ours", points: rows.map((row) => [count(row), row.ours]) },
    ],
    { x: "streams", y: "µs for a pulse of each", ticks: rows.map(count), tick: String, logY: true },
    `${count(last)} streams cost ${(last.ours / first.ours).toFixed(1)} times one.`,
  );
}

function everything(results: readonly Row[]): Element {
  const all = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = `All ${results.length} rows`;
  const keys = [
    "case",
    "runner",
    "metric",
    "ours",
    "peer",
    "theirs",
    "ratio",
    "p99",
    "theirP99",
    "rounds",
    "batch",
  ] as const;
  all.append(
    summary,
    table(
      keys,
      results.map((row) => keys.map((key) => String(row[key] ?? "–"))),
    ),
  );
  return all;
}

function table(head: readonly string[], rows: readonly (readonly (string | Element)[])[]): Element {
  const wide = document.createElement("div");
  wide.className = "wide";
  wide.tabIndex = 0;
  wide.role = "region";
  wide.ariaLabel = "Table";
  const made = document.createElement("table");
  const line = made.createTHead().insertRow();
  for (const name of head) {
    const cell = document.createElement(name === "" ? "td" : "th");
    cell.textContent = name;
    line.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const value of row) line.insertCell().append(value);
  }
  wide.append(made);
  return wide;
}
